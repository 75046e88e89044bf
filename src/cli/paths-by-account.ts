/** Which account's mount holds each of the paths that a person named. */
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure, isOurs, type MountEntry, mountHolding, odbfsMounts, type Paths } from '../daemon/index.js';

/** Absolute paths by account. Throws `Failure` for a path outside of every mount. */
export async function pathsByAccount(
  paths: readonly string[],
  places: Paths,
): Promise<Map<string, string[]>> {
  const mounts = odbfsMounts();
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const { account, place } = await locate(path, mounts, places);
    found.set(account, [...(found.get(account) ?? []), place]);
  }
  return found;
}

/** As it is written first; symbolic links that lead into a mount are followed only when that finds nothing. */
async function locate(path: string, mounts: readonly MountEntry[], places: Paths) {
  const written = resolve(path);
  const place = mountHolding(written, mounts) ? written : await realpath(written).catch(() => written);
  const mount = mountHolding(place, mounts);
  if (mount?.account == null) throw new Failure('not-found', `${path} is not in a mount of odbfs`);
  if (await isOurs(mount, places)) return { account: mount.account, place };
  throw new Failure('not-found', `${mount.mountpoint} has no daemon of yours: mount ${mount.account} first`);
}
