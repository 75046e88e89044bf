/** A machine that nobody sits at: a backup over the end of its session, what scripts ask, and whom they tell. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { ACCOUNT, CliAccount, eventually, expectDone } from '../support/cli-account.js';
import { missingPrograms } from '../support/programs.js';

const skip = missingPrograms('duplicity');

test('duplicity backs up, verifies and restores while the session ends twice and more', {
  skip,
  timeout: 200_000,
}, async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  const source = join(home.folder, 'source');
  mkdirSync(source);
  for (let n = 0; n < 12; n += 1) writeFileSync(join(source, `f${n}`), Buffer.alloc(400_000, n));
  await account.mount();
  const duplicity = `duplicity --no-encryption --archive-dir ${home.folder}/archive --volsize 1`;
  const target = `file://${account.mountpoint}/backup`;
  const steps = [
    `mkdir backup && ${duplicity} full ${source} ${target}`,
    `echo new > ${source}/new && ${duplicity} incr ${source} ${target}`,
    `${duplicity} verify --compare-data ${target} ${source}`,
    `${duplicity} restore ${target} ${home.folder}/out && diff -r ${source} ${home.folder}/out`,
  ];
  for (const step of steps) {
    const working = account.shell(step);
    await pause(700);
    await server.control('expire', { what: 'cookies' });
    const { code, err } = await working;
    assert.equal(code, 0, err);
  }
  expectDone(await home.run(['flush', '--timeout', '60']));
  expectDone(await home.run(['login', '--account', ACCOUNT, '--check']));
  await server.control('expire', { what: 'cookies' });
  const cookies = await home.run(['cookies', ACCOUNT]);
  expectDone(cookies);
  const url = `${server.url}/Documents/backup/`;
  const headers = { cookie: cookies.out.trim(), depth: '1' };
  assert.equal((await fetch(url, { method: 'PROPFIND', headers })).status, 207);
  assert.equal((await account.status()).auth.state, 'ok');
});

test('login --check tells scripts by its exit code: 0, 3, 4, 5; and asks nobody anything', async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  const check = async () => (await home.run(['login', '--account', ACCOUNT, '--check'])).code;
  assert.equal(await check(), 0);
  await server.control('set-user', { user: 'user@contoso.com', changes: { password: 'changed' } });
  await server.control('expire', { what: 'all' });
  assert.deepEqual([await check(), await check()], [3, 3]);
  const { counts } = await server.control<{ counts: Record<string, number> }>('sign-ins');
  assert.equal(counts['password-wrong'], 1);
  assert.equal((await home.run(['login', '--account', 'nobody', '--check'])).code, 5);
  await server.control('set-user', {
    user: 'user@contoso.com',
    changes: { password: STANDIN_PASSWORD },
  });
  const cookies = await server.control<string>('cookies');
  expectDone(await home.run(['login', '--account', ACCOUNT, '--method', 'cookies'], cookies));
  assert.equal(await check(), 0);
  await server.stop();
  assert.equal(await check(), 4);
});

test('the person is told once on the desktop what to type, and once more at the next time', async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  const bin = join(home.folder, 'bin');
  const told = join(home.folder, 'told');
  mkdirSync(bin);
  writeFileSync(join(bin, 'notify-send'), `#!/bin/sh\nfor word; do echo "$word" >> ${told}; done\n`);
  chmodSync(join(bin, 'notify-send'), 0o755);
  home.env.PATH = `${bin}:${process.env.PATH}`;
  await account.mount();
  for (const times of [1, 2]) {
    await server.control('set-user', { user: 'user@contoso.com', changes: { password: `changed ${times}` } });
    await server.control('expire', { what: 'all' });
    await account.shell('ls -R .; echo x > x; cat x');
    await eventually(async () => (await account.status()).auth.state === 'signed-out');
    await account.shell('ls -R .; echo y > y; cat y');
    await eventually(async () => existsSync(told) && lines(told).length === times);
    await server.control('set-user', {
      user: 'user@contoso.com',
      changes: { password: STANDIN_PASSWORD },
    });
    const cookies = await server.control<string>('cookies');
    expectDone(await home.run(['login', '--account', ACCOUNT, '--method', 'cookies'], cookies));
    await eventually(async () => (await account.status()).auth.state === 'ok');
  }
  assert.deepEqual(lines(told), Array(2).fill(`Sign in with: odbfs login --account ${ACCOUNT}`));
});

function lines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Sign in with'));
}
