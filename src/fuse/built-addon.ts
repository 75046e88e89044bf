/** The addon built on this machine: before, or now. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BUILD_TIMEOUT_MS = 120_000;

/** Its path. Throws with one clear line when it was not built before and can't be built. */
export function builtAddon(folder: string, target: string): string {
  const script = join(folder, 'build.mjs');
  const built = join(folder, 'build', target, 'odbfs_fuse.node');
  if (!existsSync(script)) throw new Error(`no FUSE addon for ${target} in ${folder}`);
  if (isNewest(built, folder)) return built;
  try {
    execFileSync(process.execPath, [script], {
      timeout: BUILD_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    if (existsSync(built)) return built;
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(said === '' ? 'the FUSE addon cannot be built' : said, { cause: error });
  }
  return built;
}

/**
 * Newer than all that it is made of: the script, a process of its own, would only find that it has nothing to do. Unpacked
 * sources bring their own times of modification; that of the last change of the inode is this machine's.
 */
function isNewest(built: string, folder: string): boolean {
  const stamp = statSync(`${built}.stamp`, { throwIfNoEntry: false });
  const isWhole = existsSync(built) && existsSync(join(dirname(built), 'odbfs_guard'));
  if (stamp === undefined || !isWhole) return false;
  const sources = readdirSync(join(folder, 'src')).map((name) => join(folder, 'src', name));
  return [join(folder, 'build.mjs'), join(folder, 'guard', 'guard.c'), ...sources].every(
    (path) => statSync(path).ctimeMs < stamp.mtimeMs,
  );
}
