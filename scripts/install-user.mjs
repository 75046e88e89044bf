/**
 * `npm run install:user`: `odbfs` on the person's path (~/.local/bin) and its service among their systemd units, both
 * pointing into this folder. `--remove` takes both away again.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT, say, succeeds } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

const UNIT = 'odbfs@.service';
const program = join(ROOT, 'dist', 'src', 'main.js');
const binFolder = join(homedir(), '.local', 'bin');
const link = join(binFolder, 'odbfs');
const unitFolder = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'systemd', 'user');

rmSync(link, { force: true });
rmSync(join(unitFolder, UNIT), { force: true });
if (!process.argv.includes('--remove')) await orExit(install);
succeeds('systemctl', ['--user', 'daemon-reload']);

async function install() {
  await setUp({ tests: false });
  mkdirSync(binFolder, { recursive: true });
  chmodSync(program, 0o755);
  symlinkSync(program, link);
  mkdirSync(unitFolder, { recursive: true });
  // The user's service manager does not know their shell's PATH: the unit names the programs themselves.
  const words = `${quoted(process.execPath)} ${quoted(program)}`;
  const unit = readFileSync(join(ROOT, 'systemd', UNIT), 'utf8').replaceAll('/usr/bin/env odbfs', words);
  writeFileSync(join(unitFolder, UNIT), unit);
  say(`odbfs is ${link}, its service ${join(unitFolder, UNIT)}`);
  if (!(process.env.PATH ?? '').split(':').includes(binFolder)) say(`${binFolder} is not on your PATH yet`);
}

/** As systemd reads command lines. */
function quoted(word) {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : text;
}
