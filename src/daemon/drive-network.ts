import type { OpenDrive } from '../sharepoint/index.js';
import type { NetworkView } from './network-view.js';
import { type AccountStatus, isoTime } from './status.js';

/** The drive's word on the network, as `status` shows it. */
export class DriveNetwork implements NetworkView {
  readonly #network: OpenDrive['network'];

  constructor(network: OpenDrive['network']) {
    this.#network = network;
  }

  status(): AccountStatus['network'] {
    const { status } = this.#network;
    return { state: status.state, until: status.state === 'throttled' ? isoTime(status.untilMs) : null };
  }

  resumed(): void {
    this.#network.suspect();
  }
}

/** Wall clock, milliseconds since 1970; null: the server can be reached. */
export function awaySince({ status }: OpenDrive['network']): number | null {
  return status.state === 'offline' ? status.sinceMs : null;
}
