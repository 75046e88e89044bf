/** Asking the daemon of an account. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type ControlReplies, type ControlRequest, LINE_SCHEMA } from './control-protocol.js';
import { Failure } from './failure.js';
import type { UploadStatus } from './status.js';

/** A daemon that does not even take the connection in this time hangs, or is not there. */
const CONNECT_TIMEOUT_MS = 2000;
/** Its event loop never waits for anything: a daemon that says nothing of itself for this long hangs. */
const LONGEST_SILENCE_MS = 10_000;

const HANGS =
  'the daemon is there but does not answer: end it with kill -9 and mount again; what it owes is kept';

/** Nobody listens at the socket: the account is not mounted, or its daemon died. */
export class NoDaemon extends Error {
  override readonly name = 'NoDaemon';
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (uploads: UploadStatus) => void;
  /** Gives up when the daemon says nothing of itself for this long. */
  readonly silenceMs?: number;
}

/**
 * Sends one request and resolves with the answer, which may take as long as an upload. Throws `NoDaemon`, `Failure` (also
 * where the daemon hangs), or the signal's reason.
 */
export async function askDaemon<Request extends ControlRequest>(
  socketPath: string,
  request: Request,
  options: AskOptions = {},
): Promise<ControlReplies[Request['command']]> {
  const { signal, silenceMs = LONGEST_SILENCE_MS } = options;
  if (request.command === 'status') return send(socketPath, request, { ...options, silenceMs });
  await send(socketPath, { command: 'status' }, { silenceMs, ...(signal && { signal }) });
  return send(socketPath, request, { ...options, silenceMs: Number.POSITIVE_INFINITY });
}

async function send<Request extends ControlRequest>(
  socketPath: string,
  request: Request,
  options: AskOptions & { readonly silenceMs: number },
): Promise<ControlReplies[Request['command']]> {
  const socket = await open(socketPath);
  if (options.signal?.aborted) {
    socket.destroy();
    throw options.signal.reason;
  }
  const cancel = () => socket.destroy(options.signal?.reason as Error);
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (Number.isFinite(options.silenceMs))
    socket.setTimeout(options.silenceMs, () => socket.destroy(new Failure('failed', HANGS)));
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return (await lastWord(socket, options)) as ControlReplies[Request['command']];
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    socket.destroy();
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const giveUp = (cause: unknown) => {
      socket.destroy();
      reject(new NoDaemon(`nobody answers at ${path}`, { cause }));
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => giveUp(new Error('timed out')));
    socket.once('error', giveUp);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.removeListener('error', giveUp);
      resolve(socket);
    });
  });
}

function lastWord(socket: Socket, options: AskOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: socket });
    lines.on('error', () => undefined);
    const hungUp = (cause?: unknown) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      reject(cause instanceof Failure ? cause : new NoDaemon('the daemon hung up', { cause }));
    };
    socket.on('error', hungUp);
    socket.on('close', () => hungUp());
    lines.on('line', (text) => {
      const line = LINE_SCHEMA.parse(JSON.parse(text));
      if ('progress' in line) return options.onProgress?.(line.progress);
      if ('failed' in line) return reject(new Failure(line.failed.kind, line.failed.message));
      resolve(line.done);
    });
  });
}
