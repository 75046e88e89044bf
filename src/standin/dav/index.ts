/** The WebDAV dialect of SharePoint (protocol notes 2). */
import { BadEncoding } from '../encoding.js';
import { Refusal } from '../refusal.js';
import { BodyTooLarge, type StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import type { Place } from '../sites.js';
import type { World } from '../world.js';
import { DavCall, plain, refusalAnswer } from './dav-call.js';
import { get } from './get.js';
import { lock, unlock } from './locking.js';
import { copy, makeCollection, move, remove } from './namespace.js';
import { options } from './options.js';
import { propfind } from './propfind.js';
import { proppatch } from './proppatch.js';
import { put } from './put.js';
import { MalformedXml } from './xml.js';

const METHODS: Readonly<Record<string, (call: DavCall) => Promise<void>>> = {
  OPTIONS: options,
  GET: get,
  HEAD: get,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  PUT: put,
  MKCOL: makeCollection,
  DELETE: remove,
  MOVE: move,
  COPY: copy,
  LOCK: lock,
  UNLOCK: unlock,
};

export const DAV_METHODS: ReadonlySet<string> = new Set(Object.keys(METHODS));

/** Answers a WebDAV request of a signed-in user at a place within a site. */
export async function answerDav(
  world: World,
  request: StandinRequest,
  session: Session,
  place: Place,
): Promise<void> {
  const method = METHODS[request.method];
  if (method === undefined) return request.reply(plain(405, '405 METHOD NOT ALLOWED'));
  try {
    await method(new DavCall(world, request, session, place));
  } catch (error) {
    if (request.replied) throw error;
    if (error instanceof Refusal) return request.reply(refusalAnswer(world, error));
    if (error instanceof MalformedXml || error instanceof BadEncoding) {
      return request.reply(plain(400, '400 BAD REQUEST'));
    }
    if (error instanceof BodyTooLarge) return request.reply(plain(413, '413 REQUEST ENTITY TOO LARGE'));
    throw error;
  }
}
