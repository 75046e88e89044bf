/** A bad line, a slow one, and one where nothing comes: nothing is lost or doubled, what is known is there at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MountedDrive, sharedDrive } from '../support/mounted-drive.js';
import { FAULTS_LIMIT, survives } from '../support/survives-faults.js';

const onDrive = sharedDrive({ warnings: /./ });

onDrive('connections cut without an answer, and after the work was done', FAULTS_LIMIT, (drive) =>
  survives(drive, { dropNext: 4, completeThenDropNext: 4 }),
);
onDrive('answers cut in half', FAULTS_LIMIT, (drive) => survives(drive, { resetBodiesNext: 4 }));
test(
  'a server that hangs: known things answer at once, the unknown within a bound, Ctrl-C at once',
  FAULTS_LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { warnings: /./ });
    await drive.server.control('seed', { fill: { folders: 2, filesPerFolder: 3, size: 200_000 } });
    await drive.remount();
    await drive.shell('until test "$(find . -type f | wc -l)" = 6; do sleep 0.2; done', 20);
    await drive.shell('ls -lR; echo x > known');
    await drive.flush();
    await drive.turn({ hangNext: 1000 });
    await drive.shell('ls -l; stat known; df .; cat known', 9);
    const file = (await drive.shell('find . -type f -size +100k | head -1')).trim();
    const reading = await drive.attempt(`timeout -s INT 2 cat '${file}'`);
    assert.equal(reading.code, 124);
    await drive.turn({ hangNext: 0 });
    // It cuts its own connection as well.
    await drive.server.control('cut').catch(() => undefined);
    await drive.shell(`test "$(wc -c < '${file}')" = 200000; cat '${file}' | wc -c`);
  },
);

test(
  '60 ms round trips: 300 small files are copied with hardly more than two requests each',
  FAULTS_LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { switches: { latencyMs: 60 } });
    await drive.shell('mkdir "$L/s"; for n in $(seq 300); do head -c 8192 /dev/urandom > "$L/s/f$n"; done');
    await drive.forgetRequests();
    await drive.shell('cp -r "$L/s" t');
    await drive.flush();
    assert.ok((await drive.requests()) < 630, `${await drive.requests()} requests`);
  },
);
