/** Small JSON files beside an account's state: what can't be read is not there, and none is ever there by half. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Undefined where there is no such file, or none that can be read. */
export function readKept(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Throws where the disk does; the file is then what it was. */
export function replaceKept(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
