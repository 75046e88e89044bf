/** A drive that is copied in to under faults, and read back whole. */
import assert from 'node:assert/strict';
import type { MountedDrive } from './mounted-drive.js';

/** Forty files, the empty and the small among them, beside the mount. */
export const SOURCE = `mkdir "$L/s"; for n in $(seq 40); do head -c $((n * 997 % 60000)) /dev/urandom > "$L/s/f$n"; done`;
/** Of a test that does this. */
export const FAULTS_LIMIT = { timeout: 120_000 };

/** Copies in under the faults, then reads all of it back through a cold mount under the same faults. */
export async function survives(drive: MountedDrive, faults: Readonly<Record<string, unknown>>) {
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
