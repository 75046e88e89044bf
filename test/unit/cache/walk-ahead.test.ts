import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, TaskGroup } from '../../../src/base/index.js';
import type { EntryKey } from '../../../src/cache/tree-entry.js';
import { WalkAhead } from '../../../src/cache/walk-ahead.js';

const LIMITS = { parallel: 2, mostAhead: 3, mostWaiting: 100 };
const MANY = 20;

/** A task group that gives up where starting tasks goes on and on. */
class Counted extends TaskGroup {
  started = 0;

  override start(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    this.started += 1;
    assert.ok(this.started < MANY, 'tasks are started for ever');
    super.start(name, work);
  }
}

test('with as much listed ahead as there may be, a step of the walk starts nothing, however much waits', async () => {
  const tasks = new Counted(createLog('error', { write: () => undefined }));
  const listed: EntryKey[] = [];
  const key = (text: string) => text as unknown as EntryKey;
  const walk = new WalkAhead(LIMITS, {
    list: async (folder) => void listed.push(folder),
    foldersIn: (folder) =>
      String(folder).length < 3 ? Array.from({ length: 9 }, (_, index) => key(`${folder}${index}`)) : [],
  });
  walk.start(tasks);
  walk.walked(key(''), key('/'));
  walk.walked(key('0'), key(''));
  walk.walked(key('00'), key('0'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(listed.length, LIMITS.mostAhead);
  const { started } = tasks;
  walk.walked(key('08'), key('0'));
  assert.equal(tasks.started, started);
  // The walker comes to what was listed ahead: the next ones are.
  walk.walked(listed[0]!, key('0'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(listed.length > LIMITS.mostAhead);
  await tasks.stop();
});
