import { DriveError } from '../../drive/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { isOutdated } from './outdated.js';
import { learnServedSize } from './served-size.js';

/** One silence of content (semantics: Time bounds). */
const SILENCE_MS = 30_000;

/** Bytes that the bridge could not serve by itself: not all of the file is here yet, or nobody wrote to it yet. */
export function read(
  fs: FileSystem,
  { handle, offset, size }: RequestOf<'read'>,
  context: RequestContext,
): ReplyOf<'read'> | Promise<ReplyOf<'read'>> {
  const { file } = fs.fileHandle(handle);
  const sizeBefore = file.size;
  const beganMs = fs.clock.monotonic();
  const bytes = file.read(offset, size, () => context.signal);
  if (!(bytes instanceof Promise)) return bytes;
  return bytes.then(
    (answer) => {
      const { source } = file;
      if (file.size !== sizeBefore && source.kind === 'remote')
        learnServedSize(fs, file.inode, source.content);
      return answer;
    },
    (error: unknown) => {
      if (!isOutdated(error)) throw afterSilence(error, file, fs.clock.monotonic(), beganMs);
      learnNewVersion(fs);
      throw new FsError('ESTALE', error.message, { cause: error });
    },
  );
}

/**
 * Where there is no network that is known at once: whoever waited so long met a server that fell silent. And so does who
 * comes just after him, as the kernel does for the same reader when its read-ahead failed.
 */
function afterSilence(error: unknown, file: OpenFile, nowMs: number, beganMs: number): unknown {
  if (!(error instanceof DriveError) || error.kind !== 'unreachable') return error;
  if (nowMs - beganMs >= SILENCE_MS) file.lastSilenceMs = nowMs;
  const isSilence = nowMs - file.lastSilenceMs < SILENCE_MS;
  return isSilence ? new FsError('ETIMEDOUT', error.message, { cause: error }) : error;
}

/** Whoever opens it again is to find what there is now. */
function learnNewVersion(fs: FileSystem): void {
  fs.tree.catchUp({ signal: fs.stopping, lane: 'interactive' }).catch((error: unknown) => {
    fs.log.debug({ error }, 'what has changed is not to be had yet');
  });
}
