/** Where an account was mounted last, noted in its state while it is: how a dead daemon's mount is found again. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'mounted-at';

export function noteMountpoint(stateFolder: string, mountpoint: string): void {
  writeFileSync(join(stateFolder, FILE), mountpoint, { mode: 0o600 });
}

export function forgetMountpoint(stateFolder: string): void {
  rmSync(join(stateFolder, FILE), { force: true });
}

/** Null: it was unmounted cleanly. */
export function lastMountpoint(stateFolder: string): string | null {
  try {
    return readFileSync(join(stateFolder, FILE), 'utf8');
  } catch {
    return null;
  }
}
