/** What the stand-in knows about one connection: its number, its notes, its share of the line. */
import { Pace } from './pace.js';
import type { ConnectionState } from './request.js';
import type { Switches } from './switches.js';

export class Connection implements ConnectionState {
  readonly id: number;
  readonly notes = new Map<string, unknown>();
  readonly line: Line;
  readonly #in = new Pace();
  readonly #out = new Pace();

  constructor(id: number, line: Line) {
    this.id = id;
    this.line = line;
  }

  /** Waits until bytes from the client have come in. */
  async receive(bytes: number): Promise<void> {
    const { bytesPerSecond, totalBytesPerSecond } = this.line.switches;
    await this.#in.take(bytes, bytesPerSecond);
    await this.line.in.take(bytes, totalBytesPerSecond);
  }

  /** Waits until bytes for the client have gone out. */
  async send(bytes: number): Promise<void> {
    const { bytesPerSecond, slowBodyBytesPerSecond, totalBytesPerSecond } = this.line.switches;
    await this.#out.take(bytes, slowBodyBytesPerSecond || bytesPerSecond);
    await this.line.out.take(bytes, totalBytesPerSecond);
  }
}

/** What all connections share. */
export class Line {
  readonly in = new Pace();
  readonly out = new Pace();
  readonly switches: Switches;

  constructor(switches: Switches) {
    this.switches = switches;
  }
}
