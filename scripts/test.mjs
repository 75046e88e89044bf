/**
 * `npm test`: set-up, compile, all tests beside lint and the soak, and a look for what they left behind.
 *
 *   node scripts/test.mjs                   everything (what CI runs)
 *   node scripts/test.mjs --quick           lint and unit tests, under a minute
 *   node scripts/test.mjs PART...           only test files whose path contains one of the words
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findLeftovers, fuseMounts } from './setup/leftovers.mjs';
import { ROOT, say } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';
import { outcomeOf, runTestFiles } from './test-files.mjs';
import { longestFirst } from './test-order.mjs';

const FOLDERS = ['unit', 'contract', 'interleave', 'fault', 'model', 'mount'];
/** Test files share nothing and mostly wait, so three run at a time. */
const LANES = 3;
/** Three times what the longest takes on a machine that does nothing else: a busy one is no fault of the test. */
const FILE_TIMEOUT_MS = 600_000;
/** What still runs after that long has been left behind: a daemon that was told to end takes a moment. */
const ENDS_WITHIN_MS = 30_000;
/** As long as everything else takes, and beside it: random use of a mount finds more the longer it goes on. */
const SOAK = { file: join('dist', 'test', 'mount', 'soak.test.js'), minutes: 10 };

/** Lines of a file that failed: they hold its report of what did. */
const LAST_WORDS = 60;

const quick = process.argv.includes('--quick');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));

await orExit(() => setUp({ tests: !quick }));
const mountsBefore = fuseMounts();
const runId = randomUUID();
const isWhole = !quick && words.length === 0;
const running = { lint: lint(), soak: isWhole ? soak() : null };
const outcomes = [await testFiles(filesIn(quick ? ['unit'] : FOLDERS))];
const isLinted = await running.lint;
if (running.soak !== null) outcomes.push((await running.soak)());
const isClean = await reportLeftovers();
const failed = outcomes.flatMap((outcome) => outcome.failed);
for (const { file, said } of failed) console.log(lastWords(file, said));
const [passed, failures, skipped] = ['pass', 'fail', 'skipped'].map((name) =>
  outcomes.reduce((sum, outcome) => sum + outcome[name], 0),
);
// As `node --test` closes: programs that read the log look for this.
const closing = { tests: passed + failures + skipped, pass: passed, fail: failures, skipped };
for (const [name, number] of Object.entries(closing)) console.log(`ℹ ${name} ${number}`);
console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
process.exitCode = isLinted && isClean && failed.length === 0 && passed > 0 ? 0 : 1;

/** Once more at the end, which is what is kept where a long log is cut. */
function lastWords(file, said) {
  return [`failed: ${file}`, ...said.slice(-LAST_WORDS)].join('\n  ');
}

/** What it has to say comes in one piece; the tests do not wait for it. */
async function lint() {
  if (words.length > 0) return true;
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const child = spawn(process.execPath, [biome, 'check', '--error-on-warnings'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { code, said } = await outcomeOf(child);
  say(`lint\n${said.trimEnd()}`);
  return code === 0;
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

function testFiles(files) {
  return runTestFiles(longestFirst(files), { lanes: LANES, env: environment(), timeoutMs: FILE_TIMEOUT_MS });
}

/** Resolves with what tells of it and gives its outcome: at the end, which is what is kept where a long log is cut. */
async function soak() {
  const minutes = Number(process.env.ODBFS_SOAK_MINUTES ?? SOAK.minutes);
  say(`${minutes} minutes of random use begin beside the other tests`);
  const lines = [];
  const outcome = await runTestFiles([SOAK.file], {
    lanes: 1,
    env: { ...environment(), ODBFS_SOAK_MINUTES: String(minutes) },
    timeoutMs: minutes * 60_000 + FILE_TIMEOUT_MS,
    print: (line) => lines.push(line),
  });
  return () => {
    for (const line of lines) console.log(line);
    return outcome;
  };
}

function environment() {
  const env = { ...process.env, ODBFS_TEST_RUN: runId, NODE_NO_WARNINGS: '' };
  delete env.NODE_TEST_CONTEXT;
  return env;
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
