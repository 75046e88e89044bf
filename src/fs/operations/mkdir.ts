import type { FileSystem } from '../file-system.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { makeNode } from './make-node.js';

export async function mkdir(
  fs: FileSystem,
  { parent, name, mode, caller }: RequestOf<'mkdir'>,
  context: RequestContext,
): Promise<ReplyOf<'mkdir'>> {
  const folder = fs.inodes.get(parent);
  const made = await makeNode(fs, { parent, name, kind: 'folder', mode: mode & 0o7777, caller }, context);
  return fs.entry(made, folder);
}
