import type { DrivePath } from '../drive/index.js';
import type { Ino } from './spool.js';

/** A place on the server that an operation under way relies on; `subtree`: and everything below it. */
export interface PathClaim {
  readonly path: DrivePath;
  readonly subtree: boolean;
}

/**
 * What operations under way rely on, so that a folder is not moved or removed while something below it is being sent,
 * and two operations never work on one path. A few dozen at most, so looking at all of them is cheap.
 */
export class PathClaims {
  readonly #held = new Map<Ino, readonly PathClaim[]>();

  /** Who is in the way, if anybody. */
  holderOf(claims: readonly PathClaim[]): Ino | undefined {
    for (const [ino, held] of this.#held) {
      if (held.some((one) => claims.some((other) => collide(one, other)))) return ino;
    }
    return undefined;
  }

  take(ino: Ino, claims: readonly PathClaim[]): void {
    this.#held.set(ino, claims);
  }

  release(ino: Ino): void {
    this.#held.delete(ino);
  }
}

function collide(one: PathClaim, other: PathClaim): boolean {
  const a = one.path.toLowerCase();
  const b = other.path.toLowerCase();
  return a === b || (one.subtree && isBelow(b, a)) || (other.subtree && isBelow(a, b));
}

function isBelow(path: DrivePath, folder: DrivePath): boolean {
  return path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
