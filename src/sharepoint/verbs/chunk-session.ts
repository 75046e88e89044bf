/**
 * One chunked upload on the server: `StartUpload`, `ContinueUpload`, `FinishUpload`, `CancelUpload`, `GetUploadStatus`
 * (protocol notes 3.3). Knows the calls and their answers; what to send next is `upload-in-chunks.ts`.
 */
import { DriveError, type RequestOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse, Repeat, RequestBody } from '../http/transport.js';
import { accepted } from './remote.js';
import { field, jsonOf, numberIn, type RestClient, stringIn } from './rest-client.js';
import { type Relying, relying } from './soon-after.js';

export interface Chunk {
  readonly offset: number;
  readonly body: RequestBody;
}

const FILE = 'web/GetFileByServerRelativePath(decodedurl={file})';

export class ChunkSession {
  readonly #rest: RestClient;
  readonly #file: string;
  readonly #uploadId: string;

  /** `file`: server-relative path of a file that exists; `uploadId`: a GUID of our choice. */
  constructor(rest: RestClient, file: string, uploadId: string) {
    this.#rest = rest;
    this.#file = file;
    this.#uploadId = uploadId;
  }

  /** Sends one chunk that is not the last; resolves with the offset that the server expects next. */
  async send(chunk: Chunk, options: RequestOptions): Promise<number> {
    const isFirst = chunk.offset === 0;
    const response = isFirst
      ? await this.#post('StartUpload', '', chunk.body, options)
      : await this.#post('ContinueUpload', `,fileOffset=${chunk.offset}`, chunk.body, options);
    await accepted(response, 'replace', this.#file);
    const json = await jsonOf(response);
    const name = isFirst ? 'StartUpload' : 'ContinueUpload';
    const next = numberIn(field(json, name)) ?? numberIn(field(json, 'value')) ?? numberIn(json);
    return next ?? chunk.offset + chunk.body.size;
  }

  /** The last chunk, or nothing: the content changes now, in one step. Resolves with the file's description. */
  async finish(chunk: Chunk, options: RequestOptions & Relying): Promise<unknown> {
    const response = await this.#post('FinishUpload', `,fileOffset=${chunk.offset}`, chunk.body, options);
    await accepted(response, 'replace', this.#file);
    return jsonOf(response);
  }

  /** Where the server wants to go on; null when it knows no such session. */
  async offset(options: RequestOptions): Promise<number | null> {
    const call = {
      path: `${FILE}/GetUploadStatus(uploadId=guid'${this.#uploadId}')`,
      values: { file: this.#file },
    };
    let response = await this.#rest.get(call, options);
    if (response.status === 405) {
      discard(response);
      response = await this.#rest.post(call, options);
    }
    if (response.status < 200 || response.status >= 300) {
      if (response.status >= 500 || response.status === 429) throw await refusedStatus(response, this.#file);
      discard(response);
      return null;
    }
    return expectedOffset(await jsonOf(response));
  }

  /** Best effort: a session that can't be cancelled expires by itself. */
  async cancel(options: RequestOptions): Promise<void> {
    discard(await this.#post('CancelUpload', '', EMPTY, options, 'always'));
  }

  /** A chunk that may have arrived must not be sent twice: the status tells. */
  #post(
    method: string,
    more: string,
    body: RequestBody,
    options: RequestOptions & Relying,
    repeat: Repeat = 'unsent',
  ): Promise<HttpResponse> {
    const call = {
      path: `${FILE}/${method}(uploadId=guid'${this.#uploadId}'${more})`,
      values: { file: this.#file },
    };
    return this.#rest.postContent(call, options, { ...relying(options), body, bytes: body.size, repeat });
  }
}

const EMPTY: RequestBody = { size: 0, async *open() {} };

async function refusedStatus(response: HttpResponse, file: string): Promise<Error> {
  discard(response);
  return new DriveError('unreachable', `${file}: the state of the upload is unknown`, {
    status: response.status,
  });
}

/** `ExpectedContentRange` is "10485760-", "bytes 10485760-..." or a bare number. */
function expectedOffset(json: unknown): number | null {
  const status = field(json, 'GetUploadStatus') ?? json;
  const expected = field(status, 'ExpectedContentRange') ?? field(status, 'value');
  const number = numberIn(expected);
  if (number !== null) return number;
  const digits = /(\d+)/.exec(stringIn(expected) ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
