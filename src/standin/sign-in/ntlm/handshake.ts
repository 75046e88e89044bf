/**
 * NTLM as IIS speaks it (protocol notes 1k): a handshake of three messages that belongs to one HTTP/1.1 connection, and
 * then every request of that connection is the user's. Over HTTP/2 the answer is HTTP_1_1_REQUIRED.
 */
import { constants } from 'node:http2';
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { replyText } from '../answers.js';
import { authorization } from '../client-look.js';
import type { SessionOrRefusal } from '../contract.js';
import type { Desk } from '../desk.js';
import { type AuthenticateMessage, challengeMessage, messageType, readAuthenticate } from './messages.js';
import { provesPassword } from './verify.js';

type Handshake =
  | { readonly state: 'challenged'; readonly serverChallenge: Buffer }
  | { readonly state: 'refused' }
  | { readonly state: 'proved'; readonly user: StandinUser; readonly password: string };

interface Note {
  readonly handshake: Handshake;
  /** The request that brought it here: a message counts once, however often its request is looked at. */
  readonly requestId: string;
}

const NOTE = 'ntlm';

/** Advances the handshake of the request's connection and says whose connection it is by now. */
export function ntlmSession(desk: Desk, request: StandinRequest): SessionOrRefusal {
  const sent = authorization(request, 'NTLM');
  const handshake = sent === null ? handshakeOf(request) : advance(desk, request, sent);
  if (handshake?.state !== 'proved') return { invalid: sent === null ? 'absent' : 'malformed' };
  if (handshake.user.password !== handshake.password) return { invalid: 'revoked' };
  return { user: handshake.user, proof: 'ntlm' };
}

/** 401: with the challenge where the client has just asked for one, else with the bare offer. */
export async function refuseNtlm(desk: Desk, request: StandinRequest): Promise<void> {
  if (isHttp2(request)) return request.cut(constants.NGHTTP2_HTTP_1_1_REQUIRED);
  const handshake = handshakeOf(request);
  const challenged = handshake?.state === 'challenged' && authorization(request, 'NTLM') !== null;
  const offer = challenged
    ? [`NTLM ${challengeMessage(handshake.serverChallenge, domainOf(desk)).toString('base64')}`]
    : ['NTLM', 'Negotiate'];
  await replyText(request, 401, '401 UNAUTHORIZED', {
    'Content-Type': 'text/plain; charset=utf-8',
    'WWW-Authenticate': offer,
    SPRequestGuid: request.id,
  });
}

function advance(desk: Desk, request: StandinRequest, sent: string): Handshake | undefined {
  if (isHttp2(request)) return undefined;
  const note = noteOf(request);
  if (note?.requestId === request.id) return note.handshake;
  const handshake = next(desk, note?.handshake, Buffer.from(sent, 'base64'));
  request.connection.notes.set(NOTE, { handshake, requestId: request.id } satisfies Note);
  return handshake;
}

function next(desk: Desk, before: Handshake | undefined, bytes: Buffer): Handshake {
  const type = messageType(bytes);
  if (type === 1) return { state: 'challenged', serverChallenge: Buffer.from(desk.random.bytes(8)) };
  if (type !== 3 || before?.state !== 'challenged') return { state: 'refused' };
  const message = readAuthenticate(bytes);
  return message === null ? { state: 'refused' } : judge(desk, message, before.serverChallenge);
}

function judge(desk: Desk, message: AuthenticateMessage, serverChallenge: Buffer): Handshake {
  const user = findUser(desk, message);
  if (user === undefined || desk.passwords.isLocked(user)) {
    desk.log.add('password-refused', message.user, 'ntlm');
    return { state: 'refused' };
  }
  if (!provesPassword(message, serverChallenge, user.password)) {
    desk.passwords.countWrong(user);
    return { state: 'refused' };
  }
  desk.log.add('ntlm-accepted', user.upn);
  return { state: 'proved', user, password: user.password };
}

/** `user@contoso.com`, or the local part of it with or without a domain. */
function findUser(desk: Desk, { user }: AuthenticateMessage): StandinUser | undefined {
  const wanted = user.toLowerCase();
  return (
    desk.directory.find(user) ??
    desk.directory.users.find(({ upn }) => upn.toLowerCase().startsWith(`${wanted}@`))
  );
}

function handshakeOf(request: StandinRequest): Handshake | undefined {
  return noteOf(request)?.handshake;
}

function noteOf(request: StandinRequest): Note | undefined {
  return request.connection.notes.get(NOTE) as Note | undefined;
}

function domainOf(desk: Desk): string {
  return desk.hosts.tenant.toUpperCase();
}

/** Node gives an HTTP/2 request its pseudo headers. */
function isHttp2(request: StandinRequest): boolean {
  return ':method' in request.headers;
}
