import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolders } from '../../../src/base/index.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

const BASE = new URL('../../../src/base/index.js', import.meta.url).href;

test('what is missing is made with its mode, what is there is left alone', (context) => {
  const folder = temporaryFolder(context);
  const deep = join(folder, 'a', 'b', 'c');
  makeFolders(deep, 0o700);
  makeFolders(deep, 0o755);
  for (const made of [join(folder, 'a'), deep]) assert.equal(statSync(made).mode & 0o777, 0o700);
});

test('a file is in the way', (context) => {
  const file = join(temporaryFolder(context), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolders(file), { code: 'EEXIST' });
  assert.throws(() => makeFolders(join(file, 'below')), { code: 'ENOTDIR' });
});

test('where the kernel takes no folders it ends with an error, and does not ask for ever', () => {
  const script = `import { makeFolders } from ${JSON.stringify(BASE)};
    try { makeFolders('/proc/odbfs/below') } catch (error) { console.log(error.code) }`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  assert.match(said.toString(), /^ENOENT\n$/);
});
