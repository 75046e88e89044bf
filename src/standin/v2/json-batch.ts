/** `$batch` of the v2 API: JSON requests, each with a fate of its own. */
import type { IncomingHttpHeaders } from 'node:http';
import { InnerRequest } from '../inner-request.js';
import type { StandinRequest } from '../request.js';
import { invalidRequest, jsonAnswer } from './v2-error.js';

const REQUEST_LIMIT = 20;

interface BatchRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** `prefix` is the path before the relative URLs, ending in `/_api/v2.0`. */
export async function jsonBatch(
  request: StandinRequest,
  prefix: string,
  answerInner: (inner: InnerRequest) => Promise<void>,
): Promise<void> {
  const responses: unknown[] = [];
  for (const one of await requestsIn(request)) {
    const inner = innerRequest(request, prefix, one);
    await answerInner(inner);
    const { status, headers, body } = inner.answer;
    const text = body.toString('utf8');
    const isJson = headers['Content-Type']?.includes('json') === true;
    responses.push({
      id: one.id,
      status,
      headers,
      ...(text === '' ? {} : { body: isJson ? JSON.parse(text) : text }),
    });
  }
  await request.reply(jsonAnswer(200, { responses }));
}

async function requestsIn(request: StandinRequest): Promise<BatchRequest[]> {
  let requests: unknown;
  try {
    requests = (JSON.parse(await request.text()) as { readonly requests?: unknown }).requests;
  } catch (error) {
    throw invalidRequest(`The batch is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(requests) || !requests.every(isRequest))
    throw invalidRequest('The batch has no valid requests.');
  if (requests.length > REQUEST_LIMIT) throw invalidRequest(`A batch has at most ${REQUEST_LIMIT} requests.`);
  return requests;
}

function isRequest(value: unknown): value is BatchRequest {
  const { id, method, url } = (value ?? {}) as Partial<BatchRequest>;
  return typeof id === 'string' && typeof method === 'string' && typeof url === 'string';
}

function innerRequest(outer: StandinRequest, prefix: string, one: BatchRequest): InnerRequest {
  const mark = one.url.indexOf('?');
  const path = mark < 0 ? one.url : one.url.slice(0, mark);
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(one.headers ?? {})) headers[name.toLowerCase()] = String(value);
  return new InnerRequest(outer, {
    method: one.method.toUpperCase(),
    path: `${prefix}/${path.replace(/^\//, '')}`,
    rawQuery: mark < 0 ? '' : one.url.slice(mark + 1),
    headers,
    body: Buffer.from(one.body === undefined ? '' : JSON.stringify(one.body)),
  });
}
