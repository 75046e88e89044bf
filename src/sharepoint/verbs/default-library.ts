/**
 * The library that a site's address means when it names none. Its name is translated where the site speaks another
 * language (protocol notes 3.4), so the server is asked; it is remembered; where it did not tell yet, the English name
 * has to do.
 */
import type { Clock, Log } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { discard } from '../http/body.js';
import { field, jsonOf, type RestClient, stringIn } from './rest-client.js';

export interface LibraryQuestion {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Where the answer is kept; absent: nowhere. */
  readonly library?: LibraryMemory;
}

/** Decoded path of the library below the web, as the server told it once. Neither method throws. */
export interface LibraryMemory {
  load(): string | null;
  save(library: string): void;
}

/** Decoded path below the web. Throws the signal's reason and nothing else. */
export async function defaultLibrary(question: LibraryQuestion, usual: string): Promise<string> {
  const known = question.library?.load() ?? null;
  // one drive has one library: what was told once need not be asked at every start
  if (known !== null) return known;
  const told = await toldLibrary(question);
  if (told !== null) question.library?.save(told);
  return told ?? usual;
}

async function toldLibrary(question: LibraryQuestion): Promise<string | null> {
  if (question.offline) return null;
  try {
    return await askedLibrary(question);
  } catch (error) {
    question.signal.throwIfAborted();
    if (!(error instanceof DriveError)) throw error;
    // unreachable or signed out: the mount shall come up all the same
    question.log.debug({ reason: error.message }, 'the library is guessed');
    return null;
  }
}

async function askedLibrary({ rest, signal }: LibraryQuestion): Promise<string | null> {
  const call = { path: 'web/DefaultDocumentLibrary/RootFolder', query: '$select=ServerRelativeUrl' };
  const response = await rest.get(call, { lane: 'interactive', signal });
  if (response.status !== 200) {
    discard(response);
    return null;
  }
  const path = stringIn(field(await jsonOf(response), 'ServerRelativeUrl'));
  const web = decodeURIComponent(rest.webUrl.pathname).replace(/\/$/, '');
  return path?.toLowerCase().startsWith(`${web.toLowerCase()}/`) ? path.slice(web.length + 1) : null;
}
