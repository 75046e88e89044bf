/** "Nothing that an application was told is safe is ever lost": kill -9 in the middle, remount, compare. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/cli-account.js';
import { MountedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const LIMIT = { timeout: 120_000 };

/** Writes numbered files, each noted in `$L/done` only after its close returned. */
const WRITER = `for n in $(seq 400); do head -c $((n * 131 % 20000)) /dev/urandom > "$L/w/f$n"; cp "$L/w/f$n" "w/f$n" 2>/dev/null && echo "f$n" >> "$L/done" || exit 0; done`;

test(
  'kill -9 while files are copied in: every closed file is there after the next mount',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { switches: { latencyMs: 20 } });
    await drive.shell('mkdir w "$L/w"; : > "$L/done"');
    const writing = drive.attempt(WRITER);
    await eventually(async () => (await drive.shell('wc -l < "$L/done"')).trim() > '0');
    await drive.kill();
    await writing;
    await drive.mount();
    await drive.shell('while read f; do cmp "$L/w/$f" "w/$f"; done < "$L/done"; test -s "$L/done"');
    await drive.remount();
    await drive.shell('while read f; do cmp "$L/w/$f" "w/$f"; done < "$L/done"');
    const sizes = new Map((await drive.tree()).map((entry) => [entry.path, entry.size]));
    const done = (await drive.shell('cd "$L/w"; stat -c "%n %s" $(cat "$L/done")')).trim().split('\n');
    for (const line of done) {
      const [name, size] = line.split(' ');
      assert.equal(sizes.get(`w/${name}`), Number(size), name);
    }
  },
);

test('kill -9 in the middle of rsync: the next rsync ends it, and nothing is left over', {
  ...LIMIT,
  skip: missingPrograms('rsync'),
}, async (t) => {
  const drive = await MountedDrive.start(t, { switches: { latencyMs: 10 } });
  await drive.shell('mkdir "$L/s"; for n in $(seq 400); do head -c 5000 /dev/urandom > "$L/s/f$n"; done');
  const copying = drive.attempt('rsync -a "$L/s/" t/');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await drive.kill();
  await copying;
  await drive.mount();
  await drive.shell('rsync -a --delete "$L/s/" t/; diff -r "$L/s" t');
  await drive.remount();
  await drive.shell('diff -r "$L/s" t; test -z "$(rsync -ai "$L/s/" t/)"');
  assert.equal((await drive.tree()).filter((entry) => entry.kind === 'file').length, 400);
});

test('kill -9 after renames, removals and attributes: the last state counts', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t);
  await drive.shell('mkdir -p a/b; echo 1 > a/b/one; echo 2 > two; echo 3 > three; ln -s two link');
  await drive.flush();
  await drive.turn({ latencyMs: 5000 });
  await drive.shell(
    'mv a/b c; echo more >> c/one; rm two; mv three a/third; chmod 600 a/third; touch -d "2010-10-10 10:10:10" a/third; mkdir new',
  );
  await drive.kill();
  await drive.turn({ latencyMs: 0 });
  await drive.mount();
  const look = `test "$(cat c/one)" = "$(printf '1\\nmore')"; test ! -e two; test ! -e three; test "$(cat a/third)" = 3
    test "$(stat -c '%a %Y' a/third)" = "600 $(date -d '2010-10-10 10:10:10' +%s)"; test -d new; test "$(readlink link)" = two; test ! -e a/b`;
  await drive.shell(look);
  await drive.remount();
  await drive.shell(look);
  assert.deepEqual(
    (await drive.tree()).map((entry) => entry.path),
    ['a', 'a/third', 'c', 'c/one', 'link', 'new'],
  );
});

test('SIGTERM waits for what is owed', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { switches: { latencyMs: 100 } });
  await drive.shell('for n in $(seq 40); do echo $n > f$n; done');
  const { pid } = await drive.account.status();
  process.kill(pid!, 'SIGTERM');
  await drive.shell(`while kill -0 ${pid} 2>/dev/null; do sleep 0.1; done`);
  assert.equal((await drive.tree()).length, 40);
  await drive.mount();
});

test(
  'kill -9 in the middle of a large upload: it goes on where it was; one that is removed leaves nothing',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, {
      options: ['chunk_threshold=1M'],
      switches: { latencyMs: 700 },
    });
    const isUnderWay = async () => (await drive.server.paths()).some((path) => path.endsWith('.part'));
    await drive.shell('head -c 70M /dev/urandom > "$L/large"; cp "$L/large" large');
    await eventually(isUnderWay);
    await eventually(async () => (await chunksSent(drive)) >= 2);
    await drive.kill();
    const before = await chunksSent(drive);
    await drive.mount();
    await drive.flush();
    const sent = (await chunksSent(drive)) - before;
    assert.ok(sent < 7, `${sent} chunks after the restart`);
    await drive.shell('cmp "$L/large" large');
    const { sha256 } = await drive.remote('large');
    assert.equal(await drive.shell('sha256sum < "$L/large" | cut -c-64'), `${sha256}\n`);
    await drive.shell('cp "$L/large" other');
    await eventually(isUnderWay);
    await drive.kill();
    await drive.mount();
    await drive.shell('rm other');
    await drive.flush();
    await eventually(async () => (await drive.server.paths()).length === 1);
  },
);

async function chunksSent(drive: MountedDrive): Promise<number> {
  const log = await drive.server.control<{ path: string }[]>('log');
  return log.filter(({ path }) => /(Start|Continue|Finish)Upload/.test(path)).length;
}
