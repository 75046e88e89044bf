/**
 * `npm run soak -- [--minutes N] [--seed N]`: set-up, then random use of a real mount for two hours, or as long as asked
 * for, beside a local mirror, over faults, other clients, remounts and kill -9. A failing soak says its seed.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

await orExit(() => setUp({ tests: true }));
const child = spawn(
  process.execPath,
  [join(ROOT, 'dist', 'test', 'soak', 'run-soak.js'), ...process.argv.slice(2)],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
process.on('SIGINT', () => undefined);
child.on('close', (code) => process.exit(code ?? 1));
