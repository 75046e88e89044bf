/** Every measurement reads its options before it begins, and says in one line which there are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const MEASUREMENTS = readdirSync(join(ROOT, 'bench')).filter((file) => file.endsWith('.ts'));
const PROGRAMS = [...MEASUREMENTS.map((file) => join('bench', file)), 'test/soak/run-soak.ts'];

function started(program: string, word: string) {
  const compiled = join(ROOT, 'dist', program.replace(/\.ts$/, '.js'));
  return spawnSync(process.execPath, [compiled, word], { encoding: 'utf8' });
}

for (const program of PROGRAMS) {
  test(`${program}: a wrong option is one line and exit code 2, --help is 0`, () => {
    const wrong = started(program, '--nonsense');
    assert.equal(wrong.status, 2, wrong.stderr);
    assert.match(wrong.stderr, /^Unknown option '--nonsense'; usage: npm run .*\n$/);
    assert.equal(wrong.stdout, '');
    const help = started(program, '--help');
    assert.equal(help.status, 0, help.stderr);
    assert.match(help.stdout, /^usage: npm run .*\n$/);
    assert.equal(help.stderr, '');
  });
}
