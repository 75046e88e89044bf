/** The daemon as a service manager runs it: in the foreground, with sd_notify. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CliAccount, eventually } from '../support/cli-account.js';

/** What systemd's socket would hear. Node has no Unix datagrams, so Python listens. */
const LISTEN = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], 'a') as out:
    while True:
        out.write(s.recv(4096).decode() + '\\n')
        out.flush()
`;

async function listen(context: TestContext, folder: string) {
  const socket = join(folder, 'notify');
  const heard = join(folder, 'heard');
  const child = spawn('python3', ['-c', LISTEN, socket, heard], { stdio: 'ignore' });
  context.after(() => void child.kill());
  await eventually(async () => existsSync(socket) && existsSync(heard));
  return { socket, messages: () => readFileSync(heard, 'utf8') };
}

test('ready, status, watchdog, stopping; the log goes to standard error; SIGTERM ends with 0', async (context) => {
  const account = await CliAccount.signedIn(context);
  const systemd = await listen(context, account.home.folder);
  const child = account.foreground({ NOTIFY_SOCKET: systemd.socket, WATCHDOG_USEC: '1000000' });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  await eventually(async () => systemd.messages().includes('READY=1'));
  assert.equal((await account.shell('echo x > x && cat x')).out, 'x\n');
  await eventually(async () => (systemd.messages().match(/WATCHDOG=1/g)?.length ?? 0) >= 3);
  await eventually(async () => systemd.messages().includes('STATUS=signed in; '));
  child.kill('SIGTERM');
  assert.equal(await ended, 0, log);
  await eventually(async () => systemd.messages().includes('STOPPING=1'));
  assert.match(log, /"msg":"mounted"/);
  assert.equal(await account.server.read('x'), 'x\n');
  for (const line of log.trim().split('\n')) assert.notEqual(JSON.parse(line).level, 'error');
});

test('a service that can not start says why, with the exit code that stops restarting', async (context) => {
  const account = await CliAccount.signedIn(context);
  await account.home.run(['logout']);
  const child = account.foreground();
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  assert.equal(code, 3, log);
  assert.match(log, /odbfs: contoso can't be mounted: .*odbfs login/);
});
