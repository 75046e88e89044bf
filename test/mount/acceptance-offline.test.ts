/**
 * Without a network, and in one that answers in the server's place: what is known can be listed, what is here read,
 * everything written; back online, what others did comes in, what is owed goes out, and both of two changes are kept.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { eventually, expectDone, runShell } from '../support/cli-account.js';
import { CliHome } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';
import { Line, type LineState } from '../support/line.js';
import { StandinChild } from '../support/standin-child.js';

async function driveBehindALine(context: TestContext) {
  const home = new CliHome(context);
  const server = await StandinChild.start(context);
  await server.control('switches', { switches: { legacyAuth: true } });
  for (const name of ['read', 'unread', 'both']) await server.control('write', { path: name, text: name });
  const line = await Line.to(context, Number(server.port));
  const mountpoint = join(home.folder, 'drive');
  const site = server.url.replace(`:${server.port}`, `:${line.port}`);
  const words = ['login', site, '--account', 'a', '--username', 'user@contoso.com', '--password-stdin'];
  expectDone(await home.here(words, `${STANDIN_PASSWORD}\n`));
  lastFirst(context, () => home.here(['unmount', '--now', mountpoint]));
  const mount = async (...options: string[]) =>
    expectDone(await home.run(['mount', 'a', mountpoint, ...options]));
  await mount();
  const status = async () => JSON.parse((await home.here(['status', '--json'])).out).accounts[0];
  await eventually(async () => (await status()).tree.complete);
  const shell = (command: string) => runShell(command, mountpoint);
  return { home, server, line, mountpoint, mount, status, shell };
}

for (const state of ['down', 'portal', 'away'] satisfies LineState[]) {
  test(`the line is ${state}: known things work, the rest is ENETUNREACH, and all arrives afterwards`, {
    timeout: 120_000,
  }, async (t) => {
    const { server, line, status, shell } = await driveBehindALine(t);
    assert.equal((await shell('cat read both')).out, 'readboth');
    line.turn(state);
    assert.match((await shell('cat unread')).err, /Network is unreachable|Input\/output error/);
    await eventually(async () => (await status()).network.state === 'offline', 60_000);
    assert.equal((await status()).auth.state, 'ok', 'nobody is signed out by a network');
    assert.match((await shell('cat unread')).err, /Network is unreachable/);
    const offline = await shell(
      'ls; cat read; mkdir d; echo new > d/new; echo ours > both; mv read d/moved; df . >/dev/null',
    );
    assert.deepEqual([offline.code, offline.err], [0, '']);
    await server.control('write', { path: 'both', text: 'theirs' });
    await server.control('write', { path: 'theirs', text: 'by others' });
    line.turn('up');
    await eventually(async () => (await status()).network.state === 'online', 60_000);
    await eventually(async () => (await status()).uploads.owed === 0, 60_000);
    await eventually(async () => (await shell('cat theirs')).out === 'by others', 60_000);
    const paths = await server.paths();
    assert.equal(await server.read('d/new'), 'new\n');
    assert.equal(await server.read('d/moved'), 'read');
    assert.equal(await server.read('both'), 'theirs');
    const copy = paths.find((path) => path.startsWith('both (conflict'));
    assert.equal(copy && (await server.read(copy)), 'ours\n');
  });
}

test('-o offline: nothing is asked, what is known works, what is written waits', {
  timeout: 120_000,
}, async (t) => {
  const { home, server, mountpoint, mount, status, shell } = await driveBehindALine(t);
  await shell('cat read');
  expectDone(await home.run(['unmount', mountpoint]));
  await mount('-o', 'offline');
  await server.control('clear-log');
  assert.equal((await shell('ls; cat read')).out, 'both\nread\nunread\nread');
  assert.match((await shell('cat unread')).err, /Network is unreachable/);
  await shell('echo later > later');
  const { network, uploads } = await status();
  assert.deepEqual([network.state, uploads.owed], ['offline', 1]);
  assert.equal((await server.control<{ total: number }>('counts')).total, 0);
  expectDone(await home.run(['unmount', '--now', mountpoint]).then((outcome) => ({ ...outcome, code: 0 })));
  await mount();
  await eventually(async () => (await server.paths()).includes('later'), 60_000);
});

test('nobody listens for a moment: who is reading does not hear of it', { timeout: 120_000 }, async (t) => {
  const { server, line, shell } = await driveBehindALine(t);
  await server.control('write', { path: 'large', text: '0123456789abcdef'.repeat(500_000) });
  await shell('until test -e large; do sleep 0.1; done');
  await server.control('switches', { switches: { bytesPerSecond: 300_000 } });
  const reading = shell('md5sum < large');
  await delay(1_000);
  line.turn('refused');
  await delay(1_500);
  line.turn('up');
  const { out, err, code } = await reading;
  assert.deepEqual([err, code], ['', 0]);
  assert.equal(out, (await runShell("yes 0123456789abcdef | head -500000 | tr -d '\\n' | md5sum", '/')).out);
});
