/**
 * A home of its own for the demo: configuration, state, cache and runtime folders that are gone afterwards, and an
 * environment without the person's desktop, so that nothing of theirs is touched.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Paths, pathsFrom } from '../../daemon/index.js';

const FOLDERS = {
  XDG_CONFIG_HOME: 'config',
  XDG_STATE_HOME: 'state',
  XDG_CACHE_HOME: 'cache',
  XDG_RUNTIME_DIR: 'run',
} as const;

/** What would lead to the person's desktop: its keyring, its notices, its browser. */
const DESKTOP = ['DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'] as const;

export class DemoHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'odbfs-demo-'));
  readonly paths: Paths;

  constructor() {
    for (const [variable, name] of Object.entries(FOLDERS)) {
      process.env[variable] = join(this.folder, name);
      mkdirSync(process.env[variable], { mode: 0o700 });
    }
    for (const variable of DESKTOP) delete process.env[variable];
    this.paths = pathsFrom();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
