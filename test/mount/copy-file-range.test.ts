/** SEMANTICS.md, copy_file_range: "Of a whole file into a new one the server makes the copy, and no bytes travel". */
import assert from 'node:assert/strict';
import { type MountedDrive, sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive({ options: ['poll=1'] });
const LIMIT = { timeout: 120_000, skip: missingPrograms('cp', 'cmp') };
const BYTES = 8 * 1024 * 1024;

interface Counts {
  readonly byMethod: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const counts = (drive: MountedDrive) => drive.server.control<Counts>('counts');

async function seeded(drive: MountedDrive): Promise<void> {
  await drive.server.control('seed', { entries: [{ path: 'large.bin', size: BYTES, pattern: 7 }] });
  await drive.shell('until test -e large.bin; do sleep 0.2; done');
  await drive.forgetRequests();
}

onDrive('cp and cp -p inside the mount cost a COPY each and move no content', LIMIT, async (drive) => {
  await seeded(drive);
  await drive.shell('cp large.bin copy.bin; cp -p large.bin kept.bin');
  await drive.flush();
  const { byMethod, bytesIn, bytesOut } = await counts(drive);
  assert.equal(byMethod.COPY, 2);
  assert.ok(bytesIn + bytesOut < BYTES / 8, 'content travelled');
  const [large, copy, kept] = [
    await drive.remote('large.bin'),
    await drive.remote('copy.bin'),
    await drive.remote('kept.bin'),
  ];
  assert.deepEqual([copy.sha256, kept.sha256], [large.sha256, large.sha256]);
  assert.equal(Math.floor(kept.modifiedMs / 1000), Math.floor(large.modifiedMs / 1000));
  assert.ok(copy.modifiedMs > Date.now() - 60_000, 'a copy is new');
  await drive.shell('cmp large.bin copy.bin; test "$(stat -c %Y kept.bin)" = "$(stat -c %Y large.bin)"');
  await drive.remount();
  await drive.shell('cmp large.bin kept.bin; printf X | dd of=copy.bin conv=notrunc status=none');
  await drive.shell('test "$(stat -c %s copy.bin)" = "$(stat -c %s large.bin)"; ! cmp -s large.bin copy.bin');
});

onDrive('where the server copies nothing, cp does it by itself', LIMIT, async (drive) => {
  await seeded(drive);
  await drive.shell('cp large.bin here.bin; cp here.bin twice.bin; cmp large.bin twice.bin');
  await drive.shell('mkdir new; cp large.bin new/; cmp large.bin new/large.bin');
  await drive.flush();
  const sums = [await drive.remote('twice.bin'), await drive.remote('new/large.bin')];
  const { sha256 } = await drive.remote('large.bin');
  for (const one of sums) assert.equal(one.sha256, sha256);
});
