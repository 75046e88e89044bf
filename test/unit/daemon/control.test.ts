import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog, type Log, silentLog } from '../../../src/base/index.js';
import { askDaemon, NoDaemon } from '../../../src/daemon/control-client.js';
import { type ControlHandlers, ControlServer } from '../../../src/daemon/control-server.js';
import { Failure } from '../../../src/daemon/failure.js';
import { stopDaemon } from '../../../src/daemon/stop-daemon.js';
import { DriveError } from '../../../src/drive/index.js';
import { FakeRuntime, NOTHING_OWED, temporaryFolder } from '../../support/daemon-fakes.js';

async function serve(
  context: TestContext,
  changes: Partial<ControlHandlers>,
  log: Log = silentLog,
): Promise<string> {
  const path = join(temporaryFolder(context), 'run', 'contoso.sock');
  const handlers: ControlHandlers = {
    status: async () => new FakeRuntime().status(),
    flush: async () => null,
    stop: async () => ({ stillOwed: NOTHING_OWED, pid: 0 }),
    pin: async () => null,
    unpin: async () => null,
    evict: async () => null,
    reload: async () => null,
    cookies: async () => 'FedAuth=x',
    ...changes,
  };
  const server = await ControlServer.listen(path, handlers, log);
  context.after(() => server.close());
  return path;
}

test('a request is answered, and only its user may ask', async (context) => {
  const path = await serve(context, {});
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const status = await askDaemon(path, { command: 'status' });
  assert.equal(status.name, 'contoso');
});

test('progress comes before the last word', async (context) => {
  const path = await serve(context, {
    flush: async ({ paths }, { progress }) => {
      progress({ ...NOTHING_OWED, owed: paths.length });
      progress({ ...NOTHING_OWED, owed: 1 });
      return null;
    },
  });
  const seen: number[] = [];
  const request = { command: 'flush' as const, paths: ['/a', '/b'], timeoutMs: 1 };
  await askDaemon(path, request, { onProgress: ({ owed }) => seen.push(owed) });
  assert.deepEqual(seen, [2, 1]);
});

test('what the server does is no fault of ours, what nobody foresaw is', async (context) => {
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => void lines.push(line) });
  const errors = [new DriveError('unreachable', 'no network'), new Error('nobody foresaw this')];
  const flush = () => Promise.reject(errors.shift());
  const path = await serve(context, { flush }, log);
  const request = { command: 'flush' as const, paths: [], timeoutMs: 1 };
  await assert.rejects(askDaemon(path, request), /no network/);
  assert.deepEqual(lines, []);
  await assert.rejects(askDaemon(path, request), /nobody foresaw/);
  assert.equal(lines.length, 1);
});

test('a failure keeps its kind and its message', async (context) => {
  const path = await serve(context, {
    stop: async () => {
      throw new Failure('owed', 'three uploads are still owed');
    },
  });
  await assert.rejects(askDaemon(path, { command: 'stop', timeoutMs: 0 }), {
    name: 'Failure',
    kind: 'owed',
    message: 'three uploads are still owed',
  });
});

test('a daemon that hangs is told from one that is not there, whatever it is asked for', async (context) => {
  const path = join(temporaryFolder(context), 'hangs.sock');
  const server = createServer(() => undefined).listen(path);
  await once(server, 'listening');
  context.after(() => server.close());
  const requests = [
    { command: 'status' },
    { command: 'stop', timeoutMs: 0 },
    { command: 'cookies' },
  ] as const;
  for (const request of requests)
    await assert.rejects(askDaemon(path, request, { silenceMs: 20 }), {
      name: 'Failure',
      message: /does not answer: end it with kill -9/,
    });
});

test('whoever goes away cancels what was under way', async (context) => {
  const asking = new AbortController();
  let sawCancel!: () => void;
  const cancelled = new Promise<void>((resolve) => {
    sawCancel = resolve;
  });
  const path = await serve(context, {
    flush: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          sawCancel();
          reject(signal.reason);
        });
        asking.abort(new Error('Ctrl-C'));
      }),
  });
  const request = { command: 'flush' as const, paths: [], timeoutMs: 1 };
  await assert.rejects(askDaemon(path, request, { signal: asking.signal }), /Ctrl-C/);
  await cancelled;
  await assert.rejects(askDaemon(path, request, { signal: asking.signal }), /Ctrl-C/);
});

test('nonsense is refused, and the daemon goes on', async (context) => {
  const path = await serve(context, {});
  for (const nonsense of ['{"command":"explode"}\n', 'not json\n', '\n', '[]\n']) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(path, () => socket.end(nonsense));
      socket.on('data', (data) => resolve(String(data)));
    });
    assert.ok('failed' in JSON.parse(answer));
  }
  assert.equal(await askDaemon(path, { command: 'cookies' }), 'FedAuth=x');
});

test('a line without an end is cut off', async (context) => {
  const path = await serve(context, {});
  await new Promise<void>((resolve) => {
    const socket = connect(path, () => socket.write('x'.repeat(2 * 1024 * 1024)));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
});

test('without a daemon there is nobody to ask', async (context) => {
  const path = join(temporaryFolder(context), 'none.sock');
  await assert.rejects(askDaemon(path, { command: 'status' }), NoDaemon);
});

test('a stopped daemon is gone as a process, too, before anybody goes on', async (context) => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  context.after(() => child.kill('SIGKILL'));
  const pid = child.pid!;
  const path = await serve(context, {
    stop: async () => {
      setImmediate(() => child.stdin.end());
      return { stillOwed: NOTHING_OWED, pid };
    },
  });
  assert.deepEqual(await stopDaemon(path, 1000), NOTHING_OWED);
  assert.match(stateOf(pid), /^[ZX]?$/);
});

/** As `ps` shows it; empty when there is no such process. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) (.).*$/s, '$1');
  } catch {
    return '';
  }
}
