/** rsync -a into the mount, again, back out, and through an expiring sign-in. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();

const skip = missingPrograms('rsync');
const LIMIT = { skip, timeout: 150_000 };

function makeSource(files: number): string {
  return `mkdir -p "$L/s"; for n in $(seq ${files}); do d=$((n % 10)); mkdir -p "$L/s/d$d"; head -c $((n * 7 % 9000)) /dev/urandom > "$L/s/d$d/f$n";
    touch -d "2020-01-01 00:00:00 UTC + $n minutes + 0.123456789 seconds" "$L/s/d$d/f$n"; done; touch -d '2019-05-05 05:05:05' "$L/s"/d*`;
}

function transferred(stats: string): string | undefined {
  return /Number of regular files transferred: ([\d,]+)/.exec(stats)?.[1];
}

onDrive(
  'rsync a second time transfers nothing, also after a remount; times are right on the server',
  LIMIT,
  async (drive) => {
    await drive.shell(makeSource(100));
    assert.equal(transferred(await drive.shell('rsync -a --stats "$L/s/" t/')), '100');
    assert.equal(await drive.shell('rsync -ai "$L/s/" t/'), '');
    await drive.remount();
    assert.equal(await drive.shell('rsync -ai "$L/s/" t/'), '');
    assert.equal(await drive.shell('rsync -aic "$L/s/" t/'), '');
    const files = (await drive.tree()).filter((entry) => entry.kind === 'file');
    assert.equal(files.length, 100);
    for (const { path, modifiedMs } of files) {
      const minutes = Number(path.split('/f')[1]);
      assert.equal(modifiedMs, Date.UTC(2020, 0, 1, 0, minutes), path);
    }
  },
);

onDrive('rsync with --delete, --inplace, --append and out of the mount', LIMIT, async (drive) => {
  await drive.shell(`${makeSource(30)}
    rsync -a "$L/s/" t/; rm "$L/s/d1"/*; echo more >> "$L/s/d2/f2"; head -c 200000 /dev/urandom > "$L/s/big"
    rsync -a --delete --inplace "$L/s/" t/; diff -r "$L/s" t; echo tail >> "$L/s/big"; rsync -a --append "$L/s/" t/
    rsync -a t/ "$L/back/"; diff -r "$L/s" "$L/back"; test -z "$(rsync -ai "$L/s/" "$L/back/")"`);
  await drive.remount();
  await drive.shell('diff -r "$L/s" t');
});

onDrive(
  'sign-ins that expire in the middle of rsync -a of 1,000 files go unnoticed',
  LIMIT,
  async (drive) => {
    await drive.turn({ fedAuthSeconds: 10, latencyMs: 10 });
    await drive.shell(makeSource(1000));
    const copying = drive.shell('rsync -a "$L/s/" t/', 100);
    for (let times = 0; times < 3; times++) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await drive.server.control('expire', { what: 'cookies' });
    }
    await copying;
    await drive.flush();
    assert.equal(await drive.shell('rsync -ai "$L/s/" t/'), '');
    await drive.remount();
    await drive.shell('diff -r "$L/s" t');
    assert.equal((await drive.tree()).filter((entry) => entry.kind === 'file').length, 1000);
  },
);
