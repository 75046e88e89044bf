import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFile } from '../../../src/daemon/log-file.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

test('the log is bounded, keeps whole lines, and the newest of them', (context) => {
  const path = join(temporaryFolder(context), 'daemon.log');
  const log = new LogFile(path, 100);
  for (let line = 0; line < 50; line += 1) log.write(`line ${line} ${'x'.repeat(20)}\n`);
  const kept = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
  assert.ok(kept.length <= 200);
  assert.ok(kept.split('\n').every((line) => line === '' || /^line \d+ x{20}$/.test(line)));
  assert.match(kept, /line 49 /);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
