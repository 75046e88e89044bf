/** A bad line and a server in trouble: applications notice nothing but time; nothing is lost or doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 120_000 };
const SOURCE = `mkdir "$L/s"; for n in $(seq 40); do head -c $((n * 997 % 60000)) /dev/urandom > "$L/s/f$n"; done`;

/** Copies in under the faults, then reads all of it back through a cold mount under the same faults. */
async function survives(
  t: Parameters<typeof MountedDrive.start>[0],
  faults: Readonly<Record<string, unknown>>,
) {
  const drive = await MountedDrive.start(t, { warnings: /./ });
  await drive.shell(SOURCE);
  await drive.turn(faults);
  await drive.shell('cp -r "$L/s" t');
  await drive.unmount();
  drive.forgetContent();
  await drive.turn(faults);
  await drive.mount();
  await drive.shell('diff -r "$L/s" t');
  const files = (await drive.tree()).filter((entry) => entry.kind === 'file');
  assert.equal(files.length, 40);
}

test('storms of 429 with Retry-After', LIMIT, (t) =>
  survives(t, { throttleNext: 8, throttleRetryAfterSeconds: 1 }),
);
test('503 now and then', LIMIT, (t) => survives(t, { unavailableNext: 6, throttleRetryAfterSeconds: 1 }));
test('connections cut without an answer, and after the work was done', LIMIT, (t) =>
  survives(t, { dropNext: 4, completeThenDropNext: 4 }),
);
test('answers cut in half', LIMIT, (t) => survives(t, { resetBodiesNext: 4 }));
test('spurious 401s', LIMIT, (t) => survives(t, { spuriousUnauthorizedEvery: 23 }));
test('internal errors', LIMIT, (t) => survives(t, { failNext: 5, failStatus: 500 }));
test('the hostile profile: every quirk at once', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { warnings: /./ });
  await drive.server.control('switches', { profile: 'hostile', switches: { legacyAuth: true } });
  await drive.shell(`${SOURCE}; cp -r "$L/s" t; diff -r "$L/s" t`);
  await drive.remount();
  await drive.shell('diff -r "$L/s" t; mv t u; rm u/f1; diff -r -x f1 "$L/s" u');
});

test(
  'a server that hangs: known things answer at once, the unknown within a bound, Ctrl-C at once',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { warnings: /./ });
    await drive.server.control('seed', { fill: { folders: 2, filesPerFolder: 3, size: 200_000 } });
    await drive.remount();
    await drive.shell('until test "$(find . -type f | wc -l)" = 6; do sleep 0.2; done', 20);
    await drive.shell('ls -lR; echo x > known');
    await drive.flush();
    await drive.turn({ hangNext: 1000 });
    await drive.shell('ls -l; stat known; df .; cat known', 5);
    const file = (await drive.shell('find . -type f -size +100k | head -1')).trim();
    const reading = await drive.attempt(`timeout -s INT 2 cat '${file}'`, 6);
    assert.equal(reading.code, 124);
    await drive.turn({ hangNext: 0 });
    // It cuts its own connection as well.
    await drive.server.control('cut').catch(() => undefined);
    await drive.shell(`test "$(wc -c < '${file}')" = 200000; cat '${file}' | wc -c`);
  },
);

test(
  '60 ms round trips: 300 small files are copied fast, and with hardly more than two requests each',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { switches: { latencyMs: 60 } });
    await drive.shell('mkdir "$L/s"; for n in $(seq 300); do head -c 8192 /dev/urandom > "$L/s/f$n"; done');
    await drive.forgetRequests();
    await drive.shell('cp -r "$L/s" t', 10);
    await drive.flush();
    assert.ok((await drive.requests()) < 630, `${await drive.requests()} requests`);
  },
);
