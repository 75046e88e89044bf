/** The network is away for a moment while somebody reads what is not here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ContentStream, DriveError, type DriveItem, type Lane } from '../../../src/drive/index.js';
import { ContentSource } from '../../../src/fs/index.js';

const FILE: DriveItem = {
  ...{ id: 'id', name: 'f', kind: 'file', size: 1, modifiedMs: 0, createdMs: 0, version: 'first' },
};
const STREAM: ContentStream = { version: 'first', totalSize: 1, offset: 0, body: (async function* () {})() };

/** Away from `fromMs` to `toMs`; reads begin at 100,000. */
function network(fromMs: number, toMs: number, isNoticed = true) {
  let nowMs = 100_000;
  const isAway = () => nowMs >= fromMs && nowMs < toMs;
  const drive = {
    read: async () => {
      if (isAway()) throw new DriveError('unreachable', 'no network');
      return STREAM;
    },
  };
  const tree = { pathOf: () => '/f', peek: () => FILE, mayLag: () => false, refresh: async () => FILE };
  const clock = {
    now: () => nowMs,
    sleep: async (pauseMs: number) => {
      nowMs += pauseMs;
    },
  };
  const source = new ContentSource(drive, tree, clock, () => (isNoticed && isAway() ? fromMs : null));
  const read = (lane: Lane = 'interactive') =>
    source.read('id', 'first', null, { signal: new AbortController().signal, lane });
  return { read, waitedMs: () => nowMs - 100_000 };
}

test('who reads does not hear of it', async () => {
  for (const isNoticed of [true, false]) {
    const { read, waitedMs } = network(99_000, 102_000, isNoticed);
    assert.equal((await read()).version, 'first');
    assert.equal(waitedMs(), 2_000);
  }
});

test('that it stays away is told five seconds after it went', async () => {
  const { read, waitedMs } = network(98_000, Number.POSITIVE_INFINITY);
  await assert.rejects(read(), { kind: 'unreachable' });
  assert.equal(waitedMs(), 3_000);
});

test('once it is known to be away, and for what nobody waits for, at once', async () => {
  for (const [fromMs, lane] of [
    [0, 'interactive'],
    [95_000, 'interactive'],
    [99_000, 'bulk'],
  ] as const) {
    const { read, waitedMs } = network(fromMs, Number.POSITIVE_INFINITY);
    await assert.rejects(read(lane), { kind: 'unreachable' });
    assert.equal(waitedMs(), 0);
  }
});
