/**
 * Running other programs during set-up: quiet while all goes well, their output kept in a log file and its end shown
 * when something fails. Plain Node only, because nothing is installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, appendFileSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LOG_FILE = join(ROOT, '.state', 'setup.log');
const SHOWN_TAIL_LINES = 30;
/** Where Debian keeps programs that are not on an ordinary user's PATH. */
const MORE_PATHS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Set-up cannot go on; the message says what to do. */
export class SetupError extends Error {}

export function say(line) {
  process.stdout.write(`setup: ${line}\n`);
}

export function beginLog() {
  mkdirSync(dirname(LOG_FILE), { recursive: true });
  writeFileSync(
    LOG_FILE,
    `${new Date().toISOString()} node ${process.version} ${process.platform} ${process.arch}\n`,
  );
}

/** The path of a program, or null. */
export function which(command) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...MORE_PATHS]) {
    const file = join(folder || '.', command);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not here
    }
  }
  return null;
}

/** True when the program ran and said yes; its output goes nowhere. */
export function succeeds(command, args, options = {}) {
  const outcome = spawnSync(command, args, { cwd: ROOT, stdio: 'ignore', timeout: 60_000, ...options });
  return outcome.status === 0;
}

/**
 * Runs a program with its output in the log; resolves with `{ ok, tail }`, never rejects.
 * `options`: cwd, env (added), timeoutMs, terminal (let it talk to the person: sudo's password prompt).
 */
export function run(command, args, options = {}) {
  const { cwd = ROOT, env = {}, timeoutMs = 1_800_000, terminal = false } = options;
  appendFileSync(LOG_FILE, `\n$ ${command} ${args.join(' ')}\n`);
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [terminal ? 'inherit' : 'ignore', 'pipe', terminal ? 'inherit' : 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const keep = (chunk) => {
      output += chunk;
      if (output.length > 4_000_000) output = output.slice(-2_000_000);
      appendFileSync(LOG_FILE, chunk);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ ok: false, tail: String(error.message) }));
    child.on('close', (code) => resolve({ ok: code === 0, tail: tailOf(output) }));
  });
}

/** As `run`, but a failure ends the set-up with the end of the program's output. */
export async function mustRun(what, command, args, options = {}) {
  const { ok, tail } = await run(command, args, options);
  if (ok) return;
  throw new SetupError(`${what} failed (whole output: .state/setup.log)\n${tail}`);
}

function tailOf(output) {
  return output.trimEnd().split('\n').slice(-SHOWN_TAIL_LINES).join('\n');
}
