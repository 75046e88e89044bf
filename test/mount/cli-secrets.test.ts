/** Where a sign-in is kept, as a person chooses it: sealed on disk, in memory alone, with or without the password. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { ACCOUNT, CliAccount, eventually, expectDone } from '../support/cli-account.js';
import { temporaryFolder } from '../support/daemon-fakes.js';
import { leaks, ProcessWatch } from '../support/secrets-watch.js';

const TMPFS = 0x01021994;
const isThere = existsSync('/dev/shm') && statfsSync('/dev/shm').type === TMPFS;
const skip = isThere ? false : 'no tmpfs at /dev/shm';

const LOGIN = ['login', '--account', ACCOUNT, '--username', 'user@contoso.com', '--password-stdin'];

function sealedFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /sign-in/.test(name));
}

test('--secrets memory: nothing of the sign-in is on a disk; it mounts, renews, and logs out', {
  skip,
}, async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  const shm = mkdtempSync('/dev/shm/odbfs-test-');
  t.after(() => rmSync(shm, { recursive: true, force: true }));
  home.env.XDG_RUNTIME_DIR = shm;
  assert.notDeepEqual(sealedFiles(home.folder), []);
  expectDone(await home.run([...LOGIN, '--secrets', 'memory'], STANDIN_PASSWORD));
  assert.deepEqual(sealedFiles(home.folder), []);
  assert.deepEqual(readdirSync(join(shm, 'odbfs', `${ACCOUNT}.sign-in`)).sort(), [
    'renewal.lock',
    'sign-in.key',
    'sign-in.sealed',
  ]);
  assert.equal(statSync(join(shm, 'odbfs', `${ACCOUNT}.sign-in`)).mode & 0o777, 0o700);
  await account.mount();
  await server.control('expire', { what: 'cookies' });
  assert.equal((await account.shell('echo kept > kept.txt && cat kept.txt')).out, 'kept\n');
  expectDone(await home.run(['flush']));
  assert.match((await home.run(['cookies'])).out, /^FedAuth=/);
  const moving = await home.run([...LOGIN, '--secrets', 'disk'], STANDIN_PASSWORD);
  assert.deepEqual([moving.code, /is mounted/.test(moving.err)], [1, true]);
  expectDone(await home.run(['unmount', ACCOUNT]));
  expectDone(await home.run(['login', '--account', ACCOUNT, '--check']));
  assert.deepEqual(sealedFiles(home.folder), []);
  expectDone(await home.run(['logout']));
  assert.deepEqual(readdirSync(join(shm, 'odbfs', `${ACCOUNT}.sign-in`)), ['renewal.lock']);
});

test('--no-keep-password: the session ends, and then a person is needed: exit 3', async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  await server.control('switches', { switches: { rtFaRevoked: true } });
  expectDone(await home.run([...LOGIN, '--no-keep-password'], STANDIN_PASSWORD));
  assert.equal((await home.run(['login', '--account', ACCOUNT, '--check'])).code, 0);
  await server.control('expire', { what: 'cookies' });
  const checked = await home.run(['login', '--account', ACCOUNT, '--check']);
  assert.deepEqual([checked.code, /odbfs login/.test(checked.err)], [3, true], checked.err);
  assert.equal((await home.run(['cookies'])).code, 3);
});

test('five wrong passwords under five names: the server sees three, and never locks', async (t) => {
  const account = await CliAccount.signedIn(t);
  const { home, server } = account;
  const outcomes = [];
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const words = ['login', server.url, '--account', `name${n}`, '--username', 'user@contoso.com'];
    outcomes.push(await home.run([...words, '--password-stdin'], `wrong ${n}\n`));
  }
  assert.deepEqual([...new Set(outcomes.map(({ code }) => code))], [3]);
  assert.match(outcomes[5]!.err, /nothing more is sent for this user until/);
  assert.ok(outcomes.every(({ err }) => err.trim().split('\n').length === 1));
  const { counts } = await server.control<{ counts: Record<string, number> }>('sign-ins');
  assert.deepEqual([counts['password-wrong'], counts['password-refused'] ?? 0], [3, 0]);
  assert.ok(!readFileSync(join(home.env.XDG_CONFIG_HOME!, 'odbfs', 'config.toml'), 'utf8').includes('name1'));
});

test('the watch over secrets finds them in files, arguments and environments', async (t) => {
  const folder = temporaryFolder(t);
  const processes = new ProcessWatch(t);
  const words = [
    'in-an-argument-0123',
    'in-an-environment-0123',
    'in a file & escaped 0123',
    'nowhere-at-all-0123',
  ];
  writeFileSync(join(folder, 'log'), `Cookie: ${encodeURIComponent(words[2]!)}`);
  const child = spawn('sleep', ['60', '0.01'], { argv0: words[0]!, env: { SECRET: words[1]! } });
  await eventually(async () => [...processes.seen].some((text) => text.includes(words[1]!)));
  child.kill();
  const found = (secret: string) => leaks([secret], { folder, except: /^$/, processes }).length > 0;
  assert.deepEqual(words.map(found), [true, true, true, false]);
});
