import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Standin, startStandin } from '../../../src/standin/index.js';
import { Refusal } from '../../../src/standin/refusal.js';

const USERS = [{ upn: 'user@contoso.com' }];
const NAMES = ['a', 'B', 'b', 'c.txt', 'ü', 'A'];
const path = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), path, size: fc.nat(50) }),
  fc.record({ do: fc.constant('folder' as const), path }),
  fc.record({ do: fc.constant('remove' as const), path }),
  fc.record({ do: fc.constant('move' as const), path, to: path }),
  fc.record({ do: fc.constant('restore' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const FAILED_ONCE: [Step[]][] = [
  [
    [
      { do: 'move', path: 'a', to: 'a/a/a' },
      { do: 'move', path: 'a/a', to: 'a' },
    ],
  ],
];

test('whatever is done to a drive: its sums are right, ids stay, and a restart changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const stateDir = mkdtempSync(join(tmpdir(), 'standin-model-'));
      try {
        const before = await played(stateDir, steps);
        const again = await startStandin({ stateDir, users: USERS });
        const after = await again.control.tree({ hash: true });
        await again.close();
        assert.deepEqual(after, before);
      } finally {
        rmSync(stateDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 15, examples: FAILED_ONCE },
  );
});

/** The tree after the steps, the stand-in closed again. */
async function played(stateDir: string, steps: readonly Step[]) {
  const standin = await startStandin({ stateDir, users: USERS });
  try {
    const removed: string[] = [];
    for (const one of steps) {
      const ids = await idsOf(standin);
      await play(standin, one, removed);
      if (one.do !== 'move') await keepsIds(standin, ids);
    }
    const tree = await standin.control.tree({ hash: true });
    const { usedBytes, itemCount } = standin.control.drive().usage;
    assert.equal(
      usedBytes,
      tree.reduce((sum, entry) => sum + entry.size, 0),
    );
    assert.equal(itemCount, tree.length);
    const folded = tree.map((entry) => entry.path.toLowerCase());
    assert.equal(new Set(folded).size, folded.length);
    return tree;
  } finally {
    await standin.close();
  }
}

async function play(standin: Standin, one: Step, removed: string[]): Promise<void> {
  const drive = standin.control.drive();
  try {
    if (one.do === 'write') drive.write(one.path, { pattern: 1, size: one.size });
    else if (one.do === 'folder') drive.makeFolder(one.path);
    else if (one.do === 'move') drive.move(one.path, one.to);
    else if (one.do === 'restore') drive.restore(removed.pop() ?? '');
    else {
      const id = (await idsOf(standin)).get(one.path.toLowerCase());
      drive.remove(one.path);
      removed.push(id!);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

async function idsOf(standin: Standin): Promise<Map<string, string>> {
  return new Map((await standin.control.tree()).map((entry) => [entry.path.toLowerCase(), entry.id]));
}

async function keepsIds(standin: Standin, before: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, id] of await idsOf(standin)) assert.equal(id, before.get(path) ?? id);
}
