/** A sign-in that ends while the mount is in use: renewed unnoticed, or healed by `odbfs login`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { ACCOUNT, CliAccount, eventually } from '../support/cli-account.js';

test('a session that ends in the middle of work is renewed, and nobody notices', async (context) => {
  const account = await CliAccount.mounted(context);
  const written = account.shell('for i in $(seq 40); do echo $i > f$i; sleep 0.02; done');
  for (let round = 0; round < 4; round += 1) {
    await account.server.control('expire', { what: 'cookies' });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.deepEqual(await written, { code: 0, out: '', err: '' });
  assert.equal((await account.home.run(['flush'])).code, 0);
  assert.equal((await account.server.paths()).filter((path) => /f\d+$/.test(path)).length, 40);
  assert.equal((await account.status()).auth.state, 'ok');
});

test('signed out: known things work, status exits 3, and a login heals the mount', async (context) => {
  const account = await CliAccount.mounted(context);
  await account.shell('echo before > known.txt');
  assert.equal((await account.home.run(['flush'])).code, 0);
  await account.server.control('set-user', { user: 'user@contoso.com', changes: { password: 'changed' } });
  await account.server.control('expire', { what: 'all' });
  assert.equal((await account.shell('echo owed > later.txt')).code, 0);
  await eventually(async () => (await account.status()).auth.state === 'signed-out');
  assert.equal((await account.home.run(['status'])).code, 3);
  assert.equal((await account.home.run(['flush', '--timeout', '20'])).code, 3);
  assert.equal((await account.shell('cat known.txt later.txt')).out, 'before\nowed\n');

  await account.server.control('set-user', {
    user: 'user@contoso.com',
    changes: { password: STANDIN_PASSWORD },
  });
  const words = ['login', '--account', ACCOUNT, '--method', 'cookies'];
  const cookies = await account.server.control<string>('cookies');
  const login = await account.home.run(words, cookies);
  assert.equal(login.code, 0, login.err);
  const flushed = await account.home.run(['flush', '--timeout', '20']);
  assert.equal(flushed.code, 0, flushed.err);
  assert.equal(await account.server.read('later.txt'), 'owed\n');
  assert.equal((await account.home.run(['status'])).code, 0);
});

test('a known drive is mounted after a logout as well, and it is said at once what it lacks', async (context) => {
  const account = await CliAccount.mounted(context);
  await account.shell('echo before > known.txt');
  assert.equal((await account.home.run(['unmount', ACCOUNT])).code, 0);
  assert.equal((await account.home.run(['logout', ACCOUNT])).code, 0);
  const { code, out, err } = await account.home.run(['mount', ACCOUNT, account.mountpoint]);
  assert.deepEqual([code, out], [0, '']);
  assert.match(err, /^contoso is mounted but signed out: .+; odbfs login --account contoso\n$/);
  assert.equal((await account.shell('ls')).out, 'known.txt\n');
});

test('no secret is in a log, an argument or an environment', async (context) => {
  const account = await CliAccount.mounted(context, ['log=trace']);
  await account.shell('ls -R . && echo x > x');
  await account.home.run(['flush']);
  const line = (await account.home.run(['cookies', ACCOUNT])).out;
  const fedAuth = /FedAuth=([^;\s]+)/.exec(line)?.[1];
  assert.ok(fedAuth !== undefined && fedAuth.length > 20);
  const { pid } = await account.status();
  const seen = [
    readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    readFileSync(`/proc/${pid}/environ`, 'utf8'),
    ...plainFiles(account.home.folder),
  ];
  for (const secret of [fedAuth, STANDIN_PASSWORD]) assert.ok(seen.every((text) => !text.includes(secret)));
});

/** The text of every file of the account, whatever it is. */
function plainFiles(folder: string): string[] {
  return ['state', 'cache', 'config', 'run'].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => textOf(join(entry.parentPath, entry.name))),
  );
}

/** None: the daemon, which goes on, has taken it away. */
function textOf(file: string): string[] {
  try {
    return [readFileSync(file, 'latin1')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
