/**
 * `$batch` of REST (protocol notes 3.6): multipart/mixed with GET parts and change sets; answers in the order of the
 * parts, flat. Each part stands for itself: there is no transaction.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { InnerRequest, type KeptAnswer } from '../inner-request.js';
import { reasonOf } from '../reason.js';
import type { RestCall } from './rest-call.js';
import { badQuery } from './rest-error.js';

/** Operations per batch. */
const OPERATION_LIMIT = 100;
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

export type AnswerInner = (request: InnerRequest) => Promise<void>;

export async function batch(call: RestCall, answerInner: AnswerInner): Promise<void> {
  const boundary = boundaryOf(call.header('content-type'));
  const text = await call.request.text(BODY_LIMIT_BYTES);
  const operations = operationsIn(text, boundary);
  if (operations.length > OPERATION_LIMIT) {
    throw badQuery(
      `The batch contains ${operations.length} operations; at most ${OPERATION_LIMIT} are allowed.`,
    );
  }
  const answers: KeptAnswer[] = [];
  for (const operation of operations) {
    const inner = innerRequest(call, operation);
    await answerInner(inner);
    answers.push(inner.answer);
  }
  const own = `batchresponse_${call.world.random.guid()}`;
  const body = [...answers.map((answer) => `--${own}\r\n${partText(answer)}`), `--${own}--\r\n`].join('');
  await call.reply({ status: 200, headers: { 'Content-Type': `multipart/mixed; boundary="${own}"` }, body });
}

/** The HTTP messages in a multipart body; those in change sets in their order, too. */
function operationsIn(text: string, boundary: string): string[] {
  const operations: string[] = [];
  for (const part of partsOf(text, boundary)) {
    const [head, content] = splitHead(part);
    const inner = /^content-type:\s*multipart\/mixed;.*boundary="?([^"\r\n;]+)"?/im.exec(head)?.[1];
    if (inner !== undefined) operations.push(...operationsIn(content, inner));
    else if (/^content-type:\s*application\/http/im.test(head)) operations.push(content);
    else throw badQuery('A part of the batch is no application/http.');
  }
  return operations;
}

function partsOf(text: string, boundary: string): string[] {
  const pieces = `\r\n${text.replace(/\r?\n/g, '\r\n')}`.split(`\r\n--${boundary}`);
  if (pieces.length < 2) throw badQuery('The batch has no parts.');
  const end = pieces.findIndex((piece, at) => at > 0 && piece.startsWith('--'));
  return pieces.slice(1, end < 0 ? undefined : end).map((piece) => piece.replace(/^[ \t]*\r\n/, ''));
}

function innerRequest(call: RestCall, operation: string): InnerRequest {
  const [head, content] = splitHead(operation.replace(/^(\r\n)+/, ''));
  const [requestLine, ...headerLines] = head.split('\r\n');
  const match = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(requestLine?.trim() ?? '');
  if (match === null) throw badQuery('A part of the batch does not begin with a request line.');
  const target = match[2]!.startsWith(call.origin) ? match[2]!.slice(call.origin.length) : match[2]!;
  if (!target.startsWith('/')) throw badQuery('A part of the batch points at another host.');
  const mark = target.indexOf('?');
  return new InnerRequest(call.request, {
    method: match[1]!,
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers: headersOf(headerLines),
    body: Buffer.from(content.replace(/(\r\n)+$/, '')),
  });
}

function headersOf(lines: readonly string[]): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function splitHead(text: string): [head: string, content: string] {
  if (text.startsWith('\r\n')) return ['', text.slice(2)];
  const at = text.indexOf('\r\n\r\n');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 4)];
}

function boundaryOf(contentType: string | undefined): string {
  const boundary = /^multipart\/mixed;.*boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  if (boundary === undefined) throw badQuery('The batch has no boundary.');
  return boundary;
}

function partText(answer: KeptAnswer): string {
  const type = answer.headers['Content-Type'] ?? 'application/json';
  const tag = answer.headers.ETag === undefined ? '' : `ETAG: ${answer.headers.ETag}\r\n`;
  const status = `HTTP/1.1 ${answer.status} ${titleCase(reasonOf(answer.status))}`;
  return `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${status}\r\nCONTENT-TYPE: ${type}\r\n${tag}\r\n${answer.body.toString('utf8')}\r\n`;
}

function titleCase(text: string): string {
  return text.replace(/\w\S*/g, (word) => (word === 'OK' ? word : word[0] + word.slice(1).toLowerCase()));
}
