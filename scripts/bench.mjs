/** `npm run bench -- NAME [ARGUMENTS]`: set-up, then the measurement `bench/NAME.ts`; without a name, lists them. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

const [name, ...rest] = process.argv.slice(2);
const known = readdirSync(join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''));

const usage = `usage: npm run bench -- NAME [OPTIONS], or NAME --help; there is: ${known.join(', ')}`;
if (name === '--help' || name === '-h') {
  console.log(usage);
  process.exit(0);
}
if (name === undefined || !known.includes(name)) {
  console.error(usage);
  process.exit(2);
}
await orExit(() => setUp({ tests: true, reference: name === 'bridge' }));
const child = spawn(process.execPath, [join(ROOT, 'dist', 'bench', `${name}.js`), ...rest], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.on('SIGINT', () => undefined);
child.on('close', (code) => process.exit(code ?? 1));
