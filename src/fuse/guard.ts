/**
 * A small process beside the daemon (native-build/guard): should the daemon be killed while the kernel keeps one of its
 * threads waiting for the daemon itself, it ends the connection, so that neither the process nor its users hang for ever.
 * Without fusectl, or without the program, there is none.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Log } from '../base/index.js';
import { guardProgram } from './addon.js';

/** To be called when the connection has ended. */
export type DismissGuard = () => void;

/** Must be called on the main thread: it is that thread's death that the guard is told of. */
export async function startGuard(abortPath: string | null, log: Log): Promise<DismissGuard> {
  try {
    if (abortPath === null) throw new Error('the connection has no number');
    await access(guardProgram(), constants.X_OK);
    return await spawnGuard(abortPath, log);
  } catch (error) {
    log.debug({ error }, 'nobody guards the mount against a kill at the wrong moment');
    return () => undefined;
  }
}

async function spawnGuard(abortPath: string, log: Log): Promise<DismissGuard> {
  const abort = await open(abortPath, constants.O_WRONLY);
  try {
    const child = spawn(guardProgram(), [], { stdio: ['pipe', abort.fd, 'ignore'], cwd: '/', env: {} });
    child.on('error', (error) => log.debug({ error }, 'the guard cannot be started'));
    child.unref();
    // A socket, whatever its type says.
    const input = child.stdin as unknown as Socket;
    input.on('error', () => undefined).unref();
    return () => void input.destroy();
  } finally {
    await abort.close();
  }
}
