/**
 * The kernel's list of mounts, for finding ours without touching them: a stat of a mount whose daemon hangs would hang
 * as well.
 */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

export const FILE_SYSTEM_TYPE = 'odbfs';
const SOURCE_PREFIX = 'odbfs:';

export interface MountEntry {
  readonly mountpoint: string;
  /** Null: mounted by something else that calls itself odbfs. */
  readonly account: string | null;
}

/** What the mount of an account calls its source. */
export function sourceOf(account: string): string {
  return `${SOURCE_PREFIX}${account}`;
}

/** Our mounts in the order in which they were made. */
export function odbfsMounts(table: string = readFileSync('/proc/self/mountinfo', 'utf8')): MountEntry[] {
  return table.split('\n').flatMap((line) => {
    const [place, kind] = line.split(' - ');
    const [type, source] = kind?.split(' ') ?? [];
    if (type !== `fuse.${FILE_SYSTEM_TYPE}` || source === undefined) return [];
    const name = decodeOctal(source);
    return [
      {
        mountpoint: decodeOctal(place!.split(' ')[4]!),
        account: name.startsWith(SOURCE_PREFIX) ? name.slice(SOURCE_PREFIX.length) : null,
      },
    ];
  });
}

/** Our mount at, or above, a path; the path is taken as it is written. */
export function mountHolding(
  path: string,
  mounts: readonly MountEntry[] = odbfsMounts(),
): MountEntry | undefined {
  const whole = resolve(path);
  return mounts
    .filter(({ mountpoint }) => whole === mountpoint || whole.startsWith(`${mountpoint}${sep}`))
    .sort((one, other) => other.mountpoint.length - one.mountpoint.length)[0];
}

/** The uppermost of our mounts at exactly this place. */
export function mountAt(path: string, mounts: readonly MountEntry[] = odbfsMounts()): MountEntry | undefined {
  const whole = realPlace(path);
  return mounts.findLast(({ mountpoint }) => mountpoint === whole);
}

/** The kernel follows no more links in a row either (path_resolution(7)). */
const MOST_LINKS = 40;

/** The path as the kernel lists it. Links are followed, but the last name, the mount itself, is never looked into. */
export function realPlace(path: string, links = MOST_LINKS): string {
  const whole = resolve(path);
  try {
    const folder = realpathSync(dirname(whole));
    const place = join(folder, basename(whole));
    const target = links > 0 ? linkTarget(place) : null;
    return target === null ? place : realPlace(resolve(folder, target), links - 1);
  } catch {
    return whole;
  }
}

/** Null: it is no link. Whoever serves a mount is not asked for that. */
function linkTarget(place: string): string | null {
  try {
    return readlinkSync(place);
  } catch {
    return null;
  }
}

/** The kernel writes blanks, tabs, newlines and backslashes as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
