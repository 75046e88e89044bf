/**
 * Notices that the machine's way to the network has changed: an interface, an address, the default route; a VPN that
 * came or went shows as one of them. Read from the kernel every few seconds, which costs nothing and needs neither
 * netlink nor NetworkManager nor a D-Bus library, and is there in every container.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../base/index.js';

const LOOK_EVERY_MS = 3_000;

export class LinkWatch {
  readonly #clock: Clock;
  readonly #look: () => string;
  readonly #changed: () => void;
  #before: string;
  #cancel: () => void = () => {};

  /** `changed` is called after each change, until `stop`. */
  constructor(clock: Clock, changed: () => void, look: () => string = linksNow) {
    this.#clock = clock;
    this.#look = look;
    this.#changed = changed;
    this.#before = look();
    this.#schedule();
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      const now = this.#look();
      this.#schedule();
      if (now === this.#before) return;
      this.#before = now;
      this.#changed();
    });
  }
}

/** Addresses and default routes as one text, to be compared only. */
function linksNow(): string {
  const addresses = Object.entries(networkInterfaces())
    .flatMap(([name, entries]) => (entries ?? []).map((entry) => ({ name, ...entry })))
    .filter(({ internal }) => !internal)
    .map(({ name, address }) => `${name} ${address}`);
  return [...addresses.sort(), ...defaultRoutes()].join('\n');
}

/** Interface and gateway of the routes to everywhere (`/proc/net/route`: destination and mask are zero). */
function defaultRoutes(): string[] {
  try {
    const rows = readFileSync('/proc/net/route', 'utf8').split('\n').slice(1);
    const columns = rows.map((row) => row.split('\t'));
    const isDefault = (row: string[]) => Number(`0x${row[1]}`) === 0 && Number(`0x${row[7]}`) === 0;
    return columns.filter(isDefault).map((row) => `${row[0]} ${row[2]}`);
  } catch {
    return [];
  }
}
