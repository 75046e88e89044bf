import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { makeNode } from './make-node.js';

/** PATH_MAX less the final NUL. */
const LONGEST_TARGET_BYTES = 4095;

export async function symlink(
  fs: FileSystem,
  { parent, name, target, caller }: RequestOf<'symlink'>,
  context: RequestContext,
): Promise<ReplyOf<'symlink'>> {
  if (target === '') return new FsError('ENOENT');
  if (Buffer.byteLength(target) > LONGEST_TARGET_BYTES) return new FsError('ENAMETOOLONG');
  const made = { parent, name, kind: 'symlink', mode: null, symlinkTarget: target, caller } as const;
  const folder = fs.inodes.get(parent);
  return fs.entry(await makeNode(fs, made, context), folder);
}
