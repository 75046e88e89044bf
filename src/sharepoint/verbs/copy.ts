/**
 * COPY of a file. The server has no condition on its source: so the source is looked at before and after, and a copy of
 * something that somebody changed in between is taken back.
 */
import { type CopyOptions, DriveError, type DriveItem, type DrivePath } from '../../drive/index.js';
import { checkSource, type Ends, relocate } from './move.js';
import type { Remote } from './remote.js';
import { remove } from './remove.js';
import { statAfterWrite, statOrNull } from './stat.js';

/** See `Drive.copy`. */
export async function copy(
  remote: Remote,
  from: DrivePath,
  to: DrivePath,
  options: CopyOptions,
): Promise<DriveItem> {
  const ends = { from, to };
  if (options.version !== undefined) await checkSource(remote, from, options);
  await relocate(remote, 'COPY', ends, { ...options, overwrite: false });
  const { item, isExact } = await lookAfter(remote, ends, options).catch((error: unknown) => {
    throw open(error, `${to}: it was copied, but not seen`);
  });
  if (isExact) return item;
  await remove(remote, to, { ...options, kind: 'file', version: item.version }).catch((error: unknown) => {
    throw open(error, `${to}: a copy of something else may be there`);
  });
  throw new DriveError('changed', `${from}: somebody changed it while it was copied`);
}

async function lookAfter(
  remote: Remote,
  { from, to }: Ends,
  options: CopyOptions,
): Promise<{ readonly item: DriveItem; readonly isExact: boolean }> {
  const { version } = options;
  const [item, source] = await Promise.all([
    statAfterWrite(remote, to, options),
    version === undefined ? null : statOrNull(remote, from, options),
  ]);
  return { item, isExact: version === undefined || source?.version === version };
}

/** The server has acted: no answer after that is told as its refusal. */
function open(error: unknown, what: string): unknown {
  return error instanceof DriveError ? new DriveError('unreachable', what, { cause: error }) : error;
}
