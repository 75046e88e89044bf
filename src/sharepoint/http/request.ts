import type { Dispatcher } from 'undici';
import { connectorWithoutInterimAnswers } from './interim-answers.js';
import { Agent } from './undici.js';

const CONNECT_TIMEOUT_MS = 10_000;

type Asked = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>;

let usual: Dispatcher | null = null;

/** One request to `url`; without a dispatcher, by one that all share who name none. */
export function request(url: URL, asked: Asked, dispatcher?: Dispatcher): Promise<Dispatcher.ResponseData> {
  usual ??= new Agent({ connect: connectorWithoutInterimAnswers(CONNECT_TIMEOUT_MS) });
  return (dispatcher ?? usual).request({ ...asked, origin: url.origin, path: url.pathname + url.search });
}
