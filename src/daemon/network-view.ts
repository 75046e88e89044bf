import type { AccountStatus } from './status.js';

/** What the daemon needs of whoever talks to the server. */
export interface NetworkView {
  status(): AccountStatus['network'];
  /** The machine slept: connections are dead, and what was known of the network is old. */
  resumed(): void;
}
