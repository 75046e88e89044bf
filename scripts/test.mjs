/**
 * `npm test`: set-up, lint, compile, all tests, and a look for what they left behind.
 *
 *   node scripts/test.mjs                   everything (what CI runs)
 *   node scripts/test.mjs --quick           lint and unit tests, under a minute
 *   node scripts/test.mjs PART...           only test files whose path contains one of the words
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { findLeftovers, fuseMounts } from './setup/leftovers.mjs';
import { ROOT, say } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

/** In the order in which they run. Test files share nothing and mostly wait, so three run at a time. */
const FOLDERS = ['unit', 'contract', 'interleave', 'fault', 'model', 'mount'];
const CONCURRENCY = 3;
/** Three times what the longest takes on a machine that does nothing else: a busy one is no fault of the test. */
const FILE_TIMEOUT_MS = 600_000;
/** What still runs after that long has been left behind: a daemon that was told to end takes a moment. */
const ENDS_WITHIN_MS = 30_000;
/** As long as everything else takes, and beside it: random use of a mount finds more the longer it goes on. */
const SOAK = { file: join('dist', 'test', 'mount', 'soak.test.js'), minutes: 10 };

const quick = process.argv.includes('--quick');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));

await orExit(() => setUp({ tests: !quick }));
const mountsBefore = fuseMounts();
const runId = randomUUID();
const totals = { pass: 0, fail: 0, skipped: 0 };
const isWhole = !quick && words.length === 0;
const soaking = isWhole ? soak() : null;
let ok = await lint();
ok = (await testFiles(filesIn(quick ? ['unit'] : FOLDERS))) && ok;
ok = (soaking === null || soaked(await soaking)) && ok;
ok = (await reportLeftovers()) && ok;
console.log(`${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped`);
process.exitCode = ok && totals.pass > 0 ? 0 : 1;

async function lint() {
  if (words.length > 0) return true;
  say('lint');
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  return (await inherit([biome, 'check', '--error-on-warnings'])) === 0;
}

/** Compiled tests whose source still exists. */
function filesIn(folders) {
  return folders.flatMap((folder) => {
    const base = join(ROOT, 'dist', 'test', folder);
    if (!existsSync(base)) return [];
    return readdirSync(base, { recursive: true })
      .map((name) => relative(ROOT, join(base, String(name))))
      .filter((file) => file.endsWith('.test.js') && existsSync(join(ROOT, sourceOf(file))))
      .filter((file) => (isWhole ? file !== SOAK.file : isChosen(file)))
      .sort();
  });
}

function isChosen(file) {
  return words.length === 0 || words.some((word) => file.includes(word));
}

function sourceOf(file) {
  return file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
}

async function testFiles(files) {
  if (files.length === 0) return true;
  return (await inherit(runnerOf(files, FILE_TIMEOUT_MS))) === 0;
}

/** Resolves with its exit code and what it printed. */
async function soak() {
  const minutes = Number(process.env.ODBFS_SOAK_MINUTES ?? SOAK.minutes);
  say(`${minutes} minutes of random use begin beside the other tests`);
  const lines = [];
  const args = runnerOf([SOAK.file], minutes * 60_000 + FILE_TIMEOUT_MS);
  const code = await inherit(args, { ODBFS_SOAK_MINUTES: String(minutes) }, (line) => lines.push(line));
  return { code, lines };
}

/** In one piece and last: where a long log is cut, its end is what is kept. */
function soaked({ code, lines }) {
  for (const line of lines) console.log(line);
  return code === 0;
}

function runnerOf(files, timeoutMs) {
  const options = ['--test', '--test-reporter=spec', `--test-concurrency=${CONCURRENCY}`];
  return [...options, `--test-timeout=${timeoutMs}`, ...files];
}

/** Runs node with our standard output; counts what the test runner's closing lines say. */
function inherit(args, extra = {}, print = (line) => console.log(line)) {
  const env = { ...process.env, ODBFS_TEST_RUN: runId, NODE_NO_WARNINGS: '', ...extra };
  delete env.NODE_TEST_CONTEXT;
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    print(line);
    const [, name, count] = /^ℹ (pass|fail|skipped) (\d+)$/.exec(line) ?? [];
    if (name !== undefined) totals[name] += Number(count);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** What is just ending is not left behind. */
async function reportLeftovers() {
  const endsAtMs = performance.now() + ENDS_WITHIN_MS;
  let left = findLeftovers(runId, mountsBefore);
  while (left.length > 0 && performance.now() < endsAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = findLeftovers(runId, mountsBefore);
  }
  for (const line of left) console.error(`left behind by the tests: ${line}`);
  return left.length === 0;
}
