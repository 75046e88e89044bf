import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import { isOutdated } from '../outdated.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { afterSilence, signalAfter } from '../silence.js';
import { learnServedSize } from './served-size.js';

/** Bytes that the bridge could not serve by itself: not all of the file is here yet, or nobody wrote to it yet. */
export function read(
  fs: FileSystem,
  { handle, offset, size }: RequestOf<'read'>,
  context: RequestContext,
): ReplyOf<'read'> | Promise<ReplyOf<'read'>> {
  const { file } = fs.fileHandle(handle);
  const sizeBefore = file.size;
  const beganMs = fs.clock.monotonic();
  const bytes = file.read(offset, size, () => signalAfter(file.inode, beganMs, context.signal));
  if (!(bytes instanceof Promise)) return bytes;
  return bytes.then(
    (answer) => {
      const { source } = file;
      if (file.size !== sizeBefore && source.kind === 'remote')
        learnServedSize(fs, file.inode, source.content);
      return answer;
    },
    (error: unknown) => {
      if (!isOutdated(error)) throw afterSilence(error, file.inode, { beganMs, nowMs: fs.clock.monotonic() });
      learnNewVersion(fs);
      throw new FsError('ESTALE', error.message, { cause: error });
    },
  );
}

/** Whoever opens it again is to find what there is now. */
function learnNewVersion(fs: FileSystem): void {
  fs.tree.catchUp({ signal: fs.stopping, lane: 'interactive' }).catch((error: unknown) => {
    fs.log.debug({ error }, 'what has changed is not to be had yet');
  });
}
