/** Whoever uses the mount waits for nothing that goes on in the background, however long that takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/cli-account.js';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 120_000 };
/** What the background sends to the stand-in (POST, PUT, GET), and not the PROPFIND of a listing. */
const BACKGROUND = 'T /';
const SLOTS = 2;

const MANY = 1_000_000;

/** How many requests met a hang, since all were told to. */
async function hung(drive: MountedDrive): Promise<number> {
  return MANY - (await drive.server.control<{ hangNext: number }>('switches')).hangNext;
}

test('a folder that somebody enters is listed at once while pages of the snapshot and uploads fill all slots', {
  ...LIMIT,
}, async (t) => {
  const drive = await MountedDrive.start(t, {
    options: [`uploads=${SLOTS}`, `downloads=${SLOTS}`],
    warnings: /./,
  });
  await drive.server.control('seed', { fill: { folders: 3, filesPerFolder: 3, size: 10 } });
  await drive.unmount();
  drive.forgetContent();
  await drive.turn({ hangNext: MANY, faultMatch: BACKGROUND });
  await drive.mount();
  await drive.shell('for n in $(seq 8); do echo x > own-$n; done', 10);
  await eventually(async () => (await hung(drive)) >= SLOTS);
  const listed = await drive.shell('ls; for folder in */; do ls "$folder"; done', 8);
  assert.equal(listed.split('\n').filter((name) => name.startsWith('own-')).length, 8);
  await drive.turn({ hangNext: 0, faultMatch: '' });
  await drive.server.control('cut').catch(() => undefined);
  await drive.flush();
});

test('two dozen folders entered at once by way of few slots: whoever waits for a turn is not told of a time-out', {
  ...LIMIT,
}, async (t) => {
  const drive = await MountedDrive.start(t, { options: [`uploads=${SLOTS}`, `downloads=${SLOTS}`] });
  await drive.server.control('seed', { fill: { folders: 24, filesPerFolder: 2, size: 10 } });
  await drive.unmount();
  drive.forgetContent();
  await drive.turn({ hangNext: MANY, faultMatch: BACKGROUND });
  await drive.mount();
  const folders = (await drive.shell('ls')).trim().split('\n').length;
  await drive.turn({ latencyMs: 700 });
  const listed = await drive.shell('ls | xargs -P 24 -n 1 ls | wc -l', 50);
  assert.equal(Number(listed), folders * 2);
  await drive.turn({ hangNext: 0, faultMatch: '', latencyMs: 0 });
  await drive.server.control('cut').catch(() => undefined);
});
