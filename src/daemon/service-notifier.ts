/**
 * The daemon's word to systemd (sd_notify(3)): ready, what it is doing, stopping, still alive. Without `NOTIFY_SOCKET`
 * nothing is said. The watchdog is fed from the event loop, so a daemon whose loop hangs is restarted.
 */
import type { Clock } from '../base/index.js';

/** Sends one datagram; the transport lives in the addon, because Node has no Unix datagrams. */
export type SendDatagram = (socketPath: string, message: string) => void;

export class ServiceNotifier {
  readonly #socketPath: string | undefined;
  readonly #watchdogMs: number | null;
  readonly #send: SendDatagram;
  #lastStatus = '';

  constructor(env: Readonly<Record<string, string | undefined>>, send: SendDatagram) {
    this.#socketPath = env.NOTIFY_SOCKET;
    this.#watchdogMs = watchdogInterval(env);
    this.#send = send;
  }

  ready(): void {
    this.#say(`READY=1\nMAINPID=${process.pid}`);
  }

  /** One line for `systemctl status`; said only when it changed. */
  status(line: string): void {
    if (line === this.#lastStatus) return;
    this.#lastStatus = line;
    this.#say(`STATUS=${line.replaceAll('\n', ' ')}`);
  }

  stopping(): void {
    this.#say('STOPPING=1');
  }

  /** Feeds the watchdog twice per interval until the signal fires. */
  async watch(clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#watchdogMs === null) return;
    while (!signal.aborted) {
      this.#say('WATCHDOG=1');
      await clock.sleep(this.#watchdogMs / 2, signal).catch(() => undefined);
    }
  }

  #say(message: string): void {
    if (this.#socketPath === undefined) return;
    try {
      this.#send(this.#socketPath, message);
    } catch {
      // A service manager that does not listen is no reason to stop.
    }
  }
}

function watchdogInterval(env: Readonly<Record<string, string | undefined>>): number | null {
  const isOurs = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
  const ms = Number(env.WATCHDOG_USEC) / 1000;
  return isOurs && ms > 0 ? ms : null;
}
