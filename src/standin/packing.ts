/** Answers by gzip, as a web server in front of any service may send them to those who accept it (RFC 9110, 8.4.1.3). */
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Answer } from './request.js';

const TEXT = /^(?:text\/|application\/(?:json|xml|atom\+xml))/i;
const HAS_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;

export function acceptsPacked(headers: IncomingHttpHeaders): boolean {
  return HAS_GZIP.test(String(headers['accept-encoding'] ?? ''));
}

/** The same answer, packed if it is text; parts of a file, and what is packed already, stay as they are. */
export function packed(answer: Answer): Answer {
  const { body, status, headers = {} } = answer;
  if (body === undefined || status === 206 || !TEXT.test(headerOf(headers, 'content-type'))) return answer;
  if (headerOf(headers, 'content-encoding') !== '') return answer;
  return { ...answer, headers: packedHeaders(headers), body: packedBody(body) };
}

type Headers = NonNullable<Answer['headers']>;

function packedHeaders(headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(kept), 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
}

function packedBody(body: NonNullable<Answer['body']>): AsyncIterable<Uint8Array> {
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  const gzip = createGzip();
  pipeline(Readable.from(whole ? [Buffer.from(body as string)] : body), gzip, () => {});
  return gzip;
}

function headerOf(headers: Headers, name: string): string {
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name);
  return String(found?.[1] ?? '');
}
