import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import type { FileSystem } from '../../../src/fs/file-system.js';
import { errnoOf } from '../../../src/fs/fs-error.js';
import { read } from '../../../src/fs/operations/read.js';
import { FakeClock } from '../../support/fake-clock.js';

/** A read of what is not here, which the server leaves without an answer for so long. */
async function errnoAfter(waitedMs: number): Promise<string | null> {
  const clock = new FakeClock();
  const file = {
    size: 1,
    read: async () => {
      clock.advance(waitedMs);
      throw new DriveError('unreachable', 'no answer');
    },
  };
  const fs = { clock, fileHandle: () => ({ file }) } as unknown as FileSystem;
  const request = { operation: 'read', handle: 1, offset: 0, size: 1 } as Parameters<typeof read>[1];
  const context = { signal: new AbortController().signal } as Parameters<typeof read>[2];
  const error = await Promise.resolve(read(fs, request, context)).catch((reason: unknown) => reason);
  return errnoOf(error);
}

test('"30 s of silence: retried, then EIO/ETIMEDOUT"; offline is told at once as what it is', async () => {
  assert.equal(await errnoAfter(30_000), 'ETIMEDOUT');
  assert.equal(await errnoAfter(600), 'ENETUNREACH');
});
