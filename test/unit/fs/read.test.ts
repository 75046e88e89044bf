import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import type { FileSystem } from '../../../src/fs/file-system.js';
import { errnoOf } from '../../../src/fs/fs-error.js';
import { read } from '../../../src/fs/operations/read.js';
import { FakeClock } from '../../support/fake-clock.js';

/** Reads one after another of what is not here, each of which the server leaves without an answer for so long. */
async function readsAfter(...waitedMs: readonly number[]) {
  const clock = new FakeClock();
  const waits = [...waitedMs];
  const file = {
    size: 1,
    inode: { lastSilenceMs: Number.NEGATIVE_INFINITY, vainWait: null },
    read: async (_offset: number, _size: number, signal: () => AbortSignal) => {
      const waitMs = waits.shift()!;
      signal().throwIfAborted();
      clock.advance(waitMs);
      throw new DriveError('unreachable', 'no answer');
    },
  };
  const fs = { clock, fileHandle: () => ({ file }) } as unknown as FileSystem;
  const request = { operation: 'read', handle: 1, offset: 0, size: 1 } as Parameters<typeof read>[1];
  const context = { signal: new AbortController().signal } as Parameters<typeof read>[2];
  const errnos: (string | null)[] = [];
  while (waits.length > 0) {
    const error = await Promise.resolve(read(fs, request, context)).catch((reason: unknown) => reason);
    errnos.push(errnoOf(error));
  }
  return { errnos, elapsedMs: clock.monotonic() };
}

test('"30 s of silence: retried, then EIO/ETIMEDOUT"; offline is told at once as what it is', async () => {
  assert.deepEqual((await readsAfter(30_000)).errnos, ['ETIMEDOUT']);
  assert.deepEqual((await readsAfter(600)).errnos, ['ENETUNREACH']);
});

test('the kernel asks again at once for what its read-ahead did not get: that is the same silence', async () => {
  assert.deepEqual(await readsAfter(30_000, 60_000), {
    errnos: ['ETIMEDOUT', 'ETIMEDOUT'],
    elapsedMs: 30_000,
  });
});
