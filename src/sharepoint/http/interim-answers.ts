/**
 * Interim answers (100 Continue, 102 Processing, 103 Early Hints) may come before any answer, whether they were asked
 * for or not (RFC 9110, 15.2); they say nothing that we need. undici ends the connection at a 100 that it did not ask
 * for, so a front end that sends them unasked could never be spoken to: they are left out of what a connection reads,
 * only where the head of an answer is due, never within a body. 101 is no interim answer of ours: nothing asks for it.
 */
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { buildConnector as Connectors } from 'undici';
import { companyConnector } from './company-connector.js';

const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;
/** As much as tells one from a final head. */
const TELLING_BYTES = 'HTTP/1.1 100 '.length;
/** More than this is no interim head, and whoever parses heads shall judge it. */
const LONGEST_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

const filters = new WeakMap<Socket, InterimFilter>();
/** Published by undici as the head of a request goes out: from here on, the head of an answer is due. */
const HEAD_SENT = channel('undici:client:sendHeaders');

export function connectorWithoutInterimAnswers(timeoutMs: number): Connectors.connector {
  // a listener that is there already is not added twice
  HEAD_SENT.unsubscribe(onHeadSent);
  HEAD_SENT.subscribe(onHeadSent);
  const connect = companyConnector(timeoutMs);
  return (options, callback) =>
    connect(options, (...outcome) => {
      // a failure comes alone, whatever the type says
      if (outcome[0] === null) filterReads(outcome[1]);
      callback(...outcome);
    });
}

function onHeadSent(message: unknown): void {
  filters.get((message as { readonly socket: Socket }).socket)?.expectHead();
}

function filterReads(socket: Socket): void {
  const filter = new InterimFilter();
  filters.set(socket, filter);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const piece: Buffer | null = read(size);
    return piece === null ? null : filter.pass(piece);
  };
}

/** What of the bytes read belongs to final answers. */
export class InterimFilter {
  #headDue = false;
  /** The beginning of a head, too short to tell or to leave out. */
  #held: Buffer | null = null;

  expectHead(): void {
    this.#headDue = true;
  }

  /** Null: nothing yet. */
  pass(piece: Buffer): Buffer | null {
    if (!this.#headDue) return piece;
    let bytes = this.#held === null ? piece : Buffer.concat([this.#held, piece]);
    this.#held = null;
    while (bytes.length >= TELLING_BYTES && INTERIM.test(bytes.toString('latin1', 0, TELLING_BYTES))) {
      const end = bytes.indexOf(END_OF_HEAD);
      if (end < 0 && bytes.length < LONGEST_HEAD_BYTES) return this.#hold(bytes);
      if (end < 0) break;
      bytes = bytes.subarray(end + END_OF_HEAD.length);
    }
    if (bytes.length < TELLING_BYTES) return this.#hold(bytes);
    this.#headDue = false;
    return bytes;
  }

  #hold(bytes: Buffer): null {
    if (bytes.length > 0) this.#held = bytes;
    return null;
  }
}
