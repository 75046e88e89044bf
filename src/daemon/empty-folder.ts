import { mkdirSync, rmSync } from 'node:fs';

/** Made anew: what is in it belongs to files without a name, which no crash survives. */
export function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
