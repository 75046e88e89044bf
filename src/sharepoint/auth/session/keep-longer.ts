/**
 * A session that the server made longer in passing is kept for the next process. Who signed in with cookies alone has no
 * other way to a new one: after a restart the session that was sealed at sign-in would be over.
 */
import { takeProcessLock } from '../../../base/index.js';
import type { SessionPlace } from '../session-place.js';
import type { StoredSession } from '../store/stored-session.js';
import type { HeldSession } from './held-session.js';

/** Null: not now. Somebody renews it, or has written another one, which is taken over instead. */
export async function keepLonger(
  { jar, stored }: HeldSession,
  { vault, lockPath }: SessionPlace,
): Promise<StoredSession | null> {
  const release = lockPath === null ? () => undefined : takeProcessLock(lockPath);
  if (release === null) return null;
  try {
    const latest = await vault.load();
    if (stored === null || latest?.generation !== stored.generation) return null;
    const kept = { ...stored, jar: jar.serialize(), generation: stored.generation + 1 };
    await vault.save(kept);
    return kept;
  } finally {
    release();
  }
}
