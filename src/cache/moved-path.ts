/** Paths before and after folders were moved. */
import type { DrivePath } from '../drive/index.js';
import type { FolderMove } from './folder-moves.js';

/**
 * Where the tree has what is at `path` for somebody who knows the moves `done` of them: back before those, then on
 * through all that we have heard of.
 */
export function translated(
  path: DrivePath,
  moves: readonly FolderMove[],
  done: ReadonlySet<number>,
): DrivePath {
  let here = path;
  let after = 0;
  for (let at = moves.length - 1; at >= after; at -= 1) {
    const { number, from, to } = moves[at]!;
    if (!done.has(number)) continue;
    // It came to that place when the folder had left it.
    if (isAtOrBelow(here, from)) after = at + 1;
    else here = carried(here, to, from);
  }
  for (const { heardAtMs, from, to } of moves.slice(after))
    if (heardAtMs !== null) here = carried(here, from, to);
  return here;
}

export function isAtOrBelow(path: DrivePath, top: DrivePath): boolean {
  return path === top || path.startsWith(`${top}/`);
}

/** What was at `from` or below it is at `to` or below that. */
function carried(path: DrivePath, from: DrivePath, to: DrivePath): DrivePath {
  return isAtOrBelow(path, from) ? to + path.slice(from.length) : path;
}
