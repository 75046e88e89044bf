/** The stand-in held against rclone, which knows SharePoint's sign-in and dialect from elsewhere (protocol notes 1b, 1d). */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { REAL_SITE, RealNames, realNamesMissing } from '../support/real-names.js';

const skip = realNamesMissing('rclone');
const FILES = 50;

/** rclone as a person of that tenant would have set it up, signing in by itself. */
async function rcloneAt(names: RealNames, password = STANDIN_PASSWORD) {
  const config = join(names.folder, 'rclone.conf');
  const secret = (await names.run('rclone', ['obscure', password])).out.trim();
  writeFileSync(
    config,
    `[od]\ntype = webdav\nvendor = sharepoint\nurl = ${REAL_SITE}/Documents\nuser = user@contoso.com\npass = ${secret}\n`,
    { mode: 0o600 },
  );
  const flags = ['--config', config, '--retries', '1', '--low-level-retries', '2'];
  return (...words: string[]) => names.run('rclone', [...flags, ...words]);
}

async function start(t: TestContext, legacyAuth = true): Promise<RealNames> {
  return RealNames.start(t, { legacyAuth });
}

test('rclone signs in by itself, copies, lists, reads back and removes', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const names = await start(t);
  const rclone = await rcloneAt(names);
  const source = join(names.folder, 'source');
  mkdirSync(join(source, 'sub folder'), { recursive: true });
  for (let n = 0; n < FILES; n++)
    writeFileSync(
      join(source, n % 2 === 0 ? 'sub folder' : '.', `file ${n} ä#%.txt`),
      `text ${n}`.repeat(n + 1),
    );

  const copied = await rclone('copy', source, 'od:');
  assert.equal(copied.code, 0, copied.err);
  const checked = await rclone('check', '--download', source, 'od:');
  assert.equal(checked.code, 0, checked.err);
  const listed = await rclone('lsf', '-R', '--files-only', 'od:');
  assert.equal(listed.out.trim().split('\n').length, FILES);

  const again = await rclone('copy', '--size-only', '--stats-one-line', '-v', source, 'od:');
  assert.doesNotMatch(again.err, /Copied \(/);
  assert.equal((await rclone('moveto', 'od:sub folder', 'od:renamed')).code, 0);
  assert.equal((await rclone('purge', 'od:renamed')).code, 0);
  const left = await names.standin.control.tree();
  assert.equal(left.length, FILES / 2);
  assert.deepEqual(names.standin.control.bugs, []);
});

test('rclone loses an empty file, as it does at the service', { skip, timeout: 30_000 }, async (t) => {
  const names = await start(t);
  const rclone = await rcloneAt(names);
  writeFileSync(join(names.folder, 'empty'), '');
  const copied = await rclone('copy', join(names.folder, 'empty'), 'od:');
  assert.notEqual(copied.code, 0);
  assert.match(copied.err, /object not found/);
  assert.deepEqual(await names.standin.control.tree(), []);
});

test('rclone is told a wrong password, once', { skip, timeout: 30_000 }, async (t) => {
  const names = await start(t);
  const rclone = await rcloneAt(names, 'not the password');
  const listed = await rclone('lsf', 'od:');
  assert.notEqual(listed.code, 0);
  assert.match(listed.err, /AADSTS50126/);
});

test('rclone gets no cookies where legacy sign-in is switched off', { skip, timeout: 30_000 }, async (t) => {
  const names = await start(t, false);
  const rclone = await rcloneAt(names);
  const listed = await rclone('lsf', 'od:');
  assert.notEqual(listed.code, 0);
  assert.match(listed.err, /Authentication Failure|AADSTS/);
});
