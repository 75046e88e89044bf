/** Errors in the words of the v2 API: a code and a message, plainly. */
import type { Refusal, RefusalKind } from '../refusal.js';
import type { Answer } from '../request.js';

export class V2Error extends Error {
  override readonly name = 'V2Error';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function itemNotFound(): V2Error {
  return new V2Error(404, 'itemNotFound', 'The resource could not be found.');
}

export function invalidRequest(message: string): V2Error {
  return new V2Error(400, 'invalidRequest', message);
}

export function unauthenticated(): V2Error {
  return new V2Error(401, 'unauthenticated', 'The caller is not authenticated.', {
    'WWW-Authenticate': 'Bearer',
  });
}

export function v2ErrorAnswer(error: V2Error): Answer {
  return jsonAnswer(error.status, { error: { code: error.code, message: error.message } }, error.headers);
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const type = { 'Content-Type': 'application/json; odata.metadata=minimal' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value) };
}

export function v2Refusal(refusal: Refusal): V2Error {
  const [status, code] = codeOf(refusal.kind);
  return new V2Error(status, code, refusal.message);
}

function codeOf(kind: RefusalKind): readonly [status: number, code: string] {
  switch (kind) {
    case 'absent':
    case 'parent-absent':
      return [404, 'itemNotFound'];
    case 'exists':
      return [409, 'nameAlreadyExists'];
    case 'is-folder':
    case 'not-folder':
    case 'into-itself':
    case 'bad-name':
      return [400, 'invalidRequest'];
    case 'locked':
    case 'checked-out':
      return [423, 'resourceLocked'];
    case 'retained':
      return [403, 'accessDenied'];
    case 'changed':
      return [412, 'resourceModified'];
    case 'quota':
      return [507, 'quotaLimitReached'];
    case 'path-too-long':
      return [400, 'pathIsTooLong'];
  }
}
