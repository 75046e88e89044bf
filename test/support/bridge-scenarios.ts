/** Calls that Node has, made in a folder; what they answer is compared between a mount and a local folder. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeMount } from './bridge-mount.js';

type Scenario = (root: string) => unknown;

/** The value, or the name of the error. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY, O_NOFOLLOW, O_DIRECTORY } =
  fs.constants;

function openAndRead(path: string, flags: number): unknown {
  return attempt(() => {
    const fd = fs.openSync(path, flags, 0o640);
    const write = attempt(() => fs.writeSync(fd, 'new'));
    const read = attempt(() => fs.readSync(fd, Buffer.alloc(10), 0, 10, 0));
    fs.closeSync(fd);
    return { write, read, after: fs.readFileSync(path, 'latin1') };
  });
}

function shape(path: string): unknown {
  const { mode, size, nlink, uid, gid } = fs.lstatSync(path);
  return { mode, size, nlink: fs.lstatSync(path).isDirectory() ? 0 : nlink, uid, gid };
}

const SCENARIOS: Record<string, Scenario> = {
  'a file is written and read': (root) => {
    const path = join(root, 'a');
    fs.writeFileSync(path, 'hello');
    fs.appendFileSync(path, ' world');
    return [fs.readFileSync(path, 'utf8'), shape(path)];
  },
  'what is absent is absent': (root) => {
    const { statSync, readFileSync, unlinkSync, rmdirSync, readlinkSync, readdirSync } = fs;
    const calls = [statSync, readFileSync, unlinkSync, rmdirSync, readlinkSync, readdirSync];
    return calls.map((call: (path: string) => unknown) => attempt(() => call(join(root, 'absent'))));
  },
  'flags of open': (root) => {
    const flags = [
      O_RDONLY,
      O_WRONLY,
      O_RDWR,
      O_RDWR | O_TRUNC,
      O_RDWR | O_APPEND,
      O_RDWR | O_SYNC,
      O_RDWR | O_EXCL,
    ];
    const outcomes = [];
    for (const flag of [...flags, ...flags.map((known) => known | O_CREAT), O_RDONLY | O_DIRECTORY]) {
      fs.writeFileSync(join(root, 'there'), 'old old');
      outcomes.push(openAndRead(join(root, 'there'), flag), openAndRead(join(root, `not-${flag}`), flag));
    }
    fs.symlinkSync('there', join(root, 'link'));
    return [
      ...outcomes,
      openAndRead(join(root, 'link'), O_RDONLY | O_NOFOLLOW),
      openAndRead(join(root, 'link'), O_RDWR),
    ];
  },
  folders: (root) => {
    fs.mkdirSync(join(root, 'd'));
    fs.mkdirSync(join(root, 'd/e'));
    fs.writeFileSync(join(root, 'd/f'), '');
    return [
      attempt(() => fs.mkdirSync(join(root, 'd'))),
      attempt(() => fs.rmdirSync(join(root, 'd'))),
      attempt(() => fs.rmdirSync(join(root, 'd/f'))),
      attempt(() => fs.unlinkSync(join(root, 'd/e'))),
      attempt(() => fs.mkdirSync(join(root, 'd/f/g'))),
      fs.readdirSync(join(root, 'd')).sort(),
      fs.rmdirSync(join(root, 'd/e')),
      fs.lstatSync(join(root, 'd')).nlink >= 1,
    ];
  },
  'symbolic links': (root) => {
    fs.symlinkSync('a/b/ü', join(root, 'link'));
    return [
      fs.readlinkSync(join(root, 'link')),
      attempt(() => fs.readFileSync(join(root, 'link'))),
      shape(join(root, 'link')),
    ];
  },
  'attributes are set': (root) => {
    const path = join(root, 'a');
    fs.writeFileSync(path, 'hello');
    fs.chmodSync(path, 0o604);
    fs.utimesSync(path, 1_000_000_000.25, 1.5);
    const { atimeMs, mtimeMs } = fs.statSync(path);
    fs.truncateSync(path, 2);
    const short = fs.readFileSync(path, 'utf8');
    fs.truncateSync(path, 5);
    return [shape(path), atimeMs, mtimeMs, short, fs.readFileSync(path, 'latin1')];
  },
  'times move on writing': (root) => {
    const path = join(root, 'a');
    fs.writeFileSync(path, '1');
    fs.utimesSync(path, 1, 1);
    fs.writeFileSync(path, '22');
    return fs.statSync(path).mtimeMs > 1_000_000;
  },
  'birth times stay': (root) => {
    const path = join(root, 'a');
    const before = Date.now() - 1000;
    fs.writeFileSync(path, '1');
    fs.utimesSync(path, 1, 1);
    const { birthtimeMs } = fs.statSync(path);
    return birthtimeMs >= before && birthtimeMs < Date.now() + 1000;
  },
  'names of all kinds': (root) => {
    const names = [
      'a b',
      'ü',
      '日本語',
      '\u{1F600}',
      '%41',
      'x'.repeat(255),
      'é'.repeat(127),
      '-',
      '*',
      'new\nline',
      '\\',
    ];
    for (const name of names) fs.writeFileSync(join(root, name), name);
    return [
      fs.readdirSync(root).sort(),
      names.map((name) => fs.readFileSync(join(root, name), 'utf8')),
      attempt(() => fs.writeFileSync(join(root, 'x'.repeat(256)), '')),
    ];
  },
  'a large folder': (root) => {
    for (let index = 0; index < 1500; index++) fs.writeFileSync(join(root, `file-${index}`), `${index}`);
    const listed = fs.readdirSync(root, { withFileTypes: true });
    const seen = new Set(listed.map((entry) => entry.name));
    const sizes = listed
      .map(({ name }) => fs.lstatSync(join(root, name)).size)
      .reduce((one, other) => one + other, 0);
    return [listed.length, seen.size, listed.every((entry) => entry.isFile()), sizes];
  },
  rename: (root) => {
    const make = (name: string) => fs.writeFileSync(join(root, name), name);
    const move = (from: string, to: string) => attempt(() => fs.renameSync(join(root, from), join(root, to)));
    make('a');
    make('b');
    for (const name of ['d', 'd/e', 'full', 'full/x']) fs.mkdirSync(join(root, name));
    const outcomes = [
      move('a', 'b'),
      move('absent', 'c'),
      move('b', 'd'),
      move('d', 'b'),
      move('d', 'd/e/f'),
    ];
    outcomes.push(move('d', 'full'), move('b', 'b'), move('d/e', 'e'), move('b', 'd/moved'), move('d', 'e'));
    return [
      outcomes,
      fs.readdirSync(root, { recursive: true }).sort(),
      fs.readFileSync(join(root, 'e/moved'), 'utf8'),
    ];
  },
  'open while it is renamed and removed': (root) => {
    const fd = fs.openSync(join(root, 'a'), 'w+');
    fs.writeSync(fd, 'first');
    fs.renameSync(join(root, 'a'), join(root, 'b'));
    fs.writeSync(fd, ' second');
    fs.unlinkSync(join(root, 'b'));
    fs.writeSync(fd, ' third');
    const bytes = Buffer.alloc(50);
    const count = fs.readSync(fd, bytes, 0, 50, 0);
    fs.ftruncateSync(fd, 5);
    const { size, nlink } = fs.fstatSync(fd);
    fs.fsyncSync(fd);
    fs.closeSync(fd);
    return [bytes.toString('utf8', 0, count), size, nlink, fs.readdirSync(root)];
  },
  'large and sparse data': (root) => {
    const path = join(root, 'a');
    const bytes = Buffer.alloc(3_000_001, 'abcdefg');
    fs.writeFileSync(path, bytes);
    const fd = fs.openSync(path, 'r+');
    fs.writeSync(fd, Buffer.from('far'), 0, 3, 5_000_000_000);
    const end = Buffer.alloc(10);
    const count = fs.readSync(fd, end, 0, 10, 4_999_999_998);
    const middle = Buffer.alloc(10);
    fs.readSync(fd, middle, 0, 10, 2_999_995);
    fs.closeSync(fd);
    return [fs.statSync(path).size, count, end.toString('latin1'), middle.toString('latin1')];
  },
  'copies of files': (root) => {
    fs.writeFileSync(join(root, 'a'), Buffer.alloc(2_500_000, 'xyz'));
    fs.copyFileSync(join(root, 'a'), join(root, 'b'));
    return fs.readFileSync(join(root, 'b')).equals(fs.readFileSync(join(root, 'a')));
  },
  'the folder itself': (root) => {
    fs.mkdirSync(join(root, 'd'));
    fs.writeFileSync(join(root, 'd/x'), '');
    const folder = fs.opendirSync(join(root, 'd'), { bufferSize: 1 });
    const names = [folder.readSync()?.name, folder.readSync()?.name ?? null];
    folder.closeSync();
    fs.accessSync(join(root, 'd'), fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    return names;
  },
};

/** Each scenario in a folder of its own, here and there; `beyond` names those whose answers must differ. */
export async function compareCalls(
  context: TestContext,
  mount: BridgeMount,
  beyond: readonly string[] = [],
): Promise<void> {
  const local = fs.mkdtempSync(join(tmpdir(), 'odbfs-local-'));
  context.after(() => fs.rmSync(local, { recursive: true }));
  for (const [title, scenario] of Object.entries(SCENARIOS)) {
    await context.test(title, () => {
      const [expected, actual] = [local, mount.path].map((root) => {
        const folder = join(root, title);
        fs.mkdirSync(folder);
        return scenario(folder);
      });
      if (beyond.includes(title)) assert.notDeepEqual(actual, expected);
      else assert.deepEqual(actual, expected);
    });
  }
  for (const entry of fs.readdirSync(mount.path)) fs.rmSync(join(mount.path, entry), { recursive: true });
}

/** Nothing is left open, waiting, or wrong; nobody waits for the kernel's releases, so they may still be coming. */
export async function assertQuiet(mount: BridgeMount): Promise<void> {
  for (let attempt = 0; attempt < 3000 && (await mount.statistics()).handles > 0; attempt++) await sleep(20);
  const { handles, nodes, pending, bugs } = await mount.statistics();
  assert.deepEqual({ handles, pending, bugs }, { handles: 0, pending: 0, bugs: 0 });
  assert.ok(nodes >= 1);
}
