/**
 * Runs test files, each in a process of its own, several at a time, in the order given: `node --test` sorts by name, and
 * what takes longest would be begun last. What a file says is printed in one piece when it ends.
 */
import { spawn } from 'node:child_process';
import { ROOT } from './setup/shell.mjs';

/** What every file closes with. Added up it stands at the end of all. */
const CLOSING = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) (\d+)/;

/**
 * `options`: `lanes`, how many at a time; `env`; `timeoutMs` of a file; `print`. Resolves with how many tests passed,
 * failed and were skipped, and of each file that failed its name and what it said.
 */
export async function runTestFiles(files, { lanes, print = console.log, ...options }) {
  const totals = { pass: 0, fail: 0, skipped: 0, failed: [] };
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runTestFile(file, options);
      count(outcome, totals);
      const said = outcome.lines.filter((line) => !CLOSING.test(line));
      if (outcome.code !== 0) totals.failed.push({ file, said });
      print(`\n${file} (${outcome.seconds.toFixed(1)} s)`);
      for (const line of said) print(line);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return totals;
}

function count({ lines }, totals) {
  for (const line of lines) {
    const [, name, number] = CLOSING.exec(line) ?? [];
    if (name === 'cancelled') totals.fail += Number(number);
    else if (name in totals) totals[name] += Number(number);
  }
}

/** A file that takes longer than it may is ended, and has failed. */
function runTestFile(file, { env, timeoutMs }) {
  const beganMs = performance.now();
  const child = spawn(process.execPath, ['--test-reporter=spec', file], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  // Whoever it started and left may hold its output for ever.
  child.on('exit', (_code, signal) => {
    if (signal !== null) for (const stream of [child.stdout, child.stderr]) stream.destroy();
  });
  return outcomeOf(child).then(({ code, signal, said }) => {
    const seconds = (performance.now() - beganMs) / 1000;
    const all = signal === null ? said : `${said}✖ ended by ${signal}\n`;
    return { code: code ?? 1, lines: all.trim().split('\n'), seconds };
  });
}

/** How a process ended, and all that it said on its two outputs, as it came. */
export function outcomeOf(child) {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, said });
    });
  });
}
