/** What the kernel has looked up stays within a bound: it is asked to forget what nobody came by for longest. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { READ_ONLY } from '../../support/kernel-double.js';

const FOLDERS = 20;
const FILES = 50;
const MOST = 400;
/** Long enough for all that goes on by itself, in turns of the event loop. */
const TURNS = 2000;

let world: FileSystemWorld;
/** What the kernel knows: look-ups by `FOLDER NAME`. */
let known: Map<string, { node: number; count: number }>;

beforeEach(async () => {
  world = await FileSystemWorld.open({ mostInodes: MOST });
  known = new Map();
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    world.drive.server.makeFolder(`/d${folder}`);
    for (let file = 0; file < FILES; file += 1) world.drive.server.write(`/d${folder}/f${file}`, 'x');
  }
  await world.followed();
});
afterEach(() => world.close());

async function lookUp(parent: number, name: string): Promise<number> {
  const entry = await world.kernel.call('lookup', { parent, name });
  const key = `${parent} ${name}`;
  known.set(key, { node: entry.node, count: (known.get(key)?.count ?? 0) + 1 });
  return entry.node;
}

async function walk(): Promise<void> {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const node = await lookUp(1, `d${folder}`);
    for (let file = 0; file < FILES; file += 1) await lookUp(node, `f${file}`);
    await nextTurn();
  }
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
}

/** As the kernel does: whatever of the name is not in use. */
function forgets(): void {
  world.kernel.invalidateEntry = (parent, name) => {
    const key = `${parent} ${name}`;
    const entry = known.get(key);
    assert.ok(entry, `${key} is not known to the kernel`);
    known.delete(key);
    setImmediate(() => world.fs.forget(entry.node, entry.count));
  };
}

async function filesKnownIn(folder: number): Promise<number> {
  const { node } = await world.kernel.call('lookup', { parent: 1, name: `d${folder}` });
  world.fs.forget(node, 1);
  return [...known.keys()].filter((key) => key.startsWith(`${node} `)).length;
}

test('a walk over more than that leaves what was come by last', async () => {
  forgets();
  await walk();
  assert.ok(world.fs.inodes.size <= MOST, `${world.fs.inodes.size} inodes`);
  assert.equal(world.fs.inodes.size, known.size + 1);
  assert.equal(await filesKnownIn(FOLDERS - 1), FILES);
  assert.equal(await filesKnownIn(0), 0);
  for (let folder = 0; folder < FOLDERS; folder += 1) assert.ok(known.has(`1 d${folder}`));
});

test('what is open stays, and what was forgotten is looked up once more', async () => {
  forgets();
  const folder = await lookUp(1, 'd0');
  const file = await lookUp(folder, 'f7');
  const { handle } = await world.kernel.call('open', { node: file, flags: READ_ONLY });
  await walk();
  assert.equal(await filesKnownIn(0), 1);
  assert.equal(world.fs.inodes.get(file).node, file);
  await world.kernel.call('release', { node: file, handle, lockOwner: null });
  assert.equal((await world.kernel.readFile('/d0/f7')).toString(), 'x');
  assert.equal((await world.kernel.readFile('/d0/f8')).toString(), 'x');
});

test('a kernel that forgets nothing is asked once for each name', async () => {
  const asked = new Map<string, number>();
  world.kernel.invalidateEntry = (parent, name) => {
    const key = `${parent} ${name}`;
    asked.set(key, (asked.get(key) ?? 0) + 1);
  };
  await walk();
  assert.ok(asked.size > 0);
  assert.deepEqual([...new Set(asked.values())], [1]);
});
