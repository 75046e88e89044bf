/**
 * `StandinControl` over HTTP, for other processes: `POST /__standin/COMMAND` with a JSON object, answered by JSON
 * `{"result": ...}` or `{"error": "..."}`. `GET` works for commands without arguments.
 */
import { BodyTooLarge, type StandinRequest } from '../request.js';
import type { StandinControl } from './control.js';
import type { Bytes, ManyItems } from './foreign-client.js';

export const CONTROL_PREFIX = '/__standin/';
/** Seeds may bring bytes along. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** What a command may be told; each uses its own. */
interface Arguments {
  readonly site?: string;
  readonly path?: string;
  readonly to?: string;
  readonly text?: string;
  readonly base64?: string;
  readonly pattern?: number;
  readonly size?: number;
  readonly modifiedMs?: number;
  readonly createdMs?: number;
  readonly folder?: boolean;
  readonly entries?: readonly Arguments[];
  readonly fill?: ManyItems;
  readonly id?: string;
  readonly hash?: boolean;
  readonly user?: string;
  readonly changes?: Parameters<StandinControl['setUser']>[1];
  readonly audience?: string;
  readonly what?: 'cookies' | 'tokens' | 'all';
  readonly count?: number;
  readonly seconds?: number;
  readonly retryAfterSeconds?: number;
  readonly profile?: 'default' | 'hostile';
  readonly byMs?: number;
  readonly nowMs?: number;
  readonly frozen?: boolean;
  readonly switches?: Readonly<Record<string, unknown>>;
}

type Command = (control: StandinControl, given: Arguments) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
  switches: (control, given) => {
    if (given.profile !== undefined) control.useProfile(given.profile);
    control.set(given.switches ?? {});
    return control.switches;
  },
  clock: (control, given) => {
    if (given.frozen === true) control.clock.freeze();
    if (given.frozen === false) control.clock.unfreeze();
    if (given.nowMs !== undefined) control.clock.set(given.nowMs);
    if (given.byMs !== undefined) control.clock.advance(given.byMs);
    return { nowMs: control.clock.now() };
  },
  log: (control) => control.log.entries,
  counts: (control) => control.counts(),
  'clear-log': (control) => control.log.clear(),
  bugs: (control) => control.bugs,
  tree: (control, given) =>
    control.tree({ ...(given.site === undefined ? {} : { site: given.site }), hash: given.hash ?? false }),
  seed: async (control, given) => {
    for (const entry of given.entries ?? [])
      write(control, { ...entry, ...(given.site === undefined ? {} : { site: given.site }) });
    if (given.fill !== undefined) await control.drive(given.site).fill(given.fill);
  },
  write,
  'make-folder': (control, given) => void control.drive(given.site).makeFolder(needed(given.path, 'path')),
  remove: (control, given) => control.drive(given.site).remove(needed(given.path, 'path')),
  move: (control, given) =>
    control.drive(given.site).move(needed(given.path, 'path'), needed(given.to, 'to')),
  'set-times': (control, given) => control.drive(given.site).setTimes(needed(given.path, 'path'), given),
  read: async (control, given) =>
    (await control.drive(given.site).read(needed(given.path, 'path'))).toString('base64'),
  has: (control, given) => control.drive(given.site).has(needed(given.path, 'path')),
  shortcut: (control, given) =>
    control.drive(given.site).shortcut(needed(given.path, 'path'), needed(given.to, 'to')),
  restore: (control, given) => control.drive(given.site).restore(needed(given.id, 'id')),
  lock: (control, given) => control.drive(given.site).lock(needed(given.path, 'path'), given.seconds ?? 3600),
  unlock: (control, given) => control.drive(given.site).unlock(needed(given.path, 'path')),
  clear: (control, given) => control.drive(given.site).clear(),
  'sign-ins': (control) => ({ counts: control.signIns.counts(), events: control.signIns.events() }),
  'set-user': (control, given) => control.setUser(needed(given.user, 'user'), given.changes ?? {}),
  revoke: (control, given) => control.revoke(needed(given.user, 'user')),
  cut: (control) => control.cutConnections(),
  storm: (control, given) => control.throttleStorm(needed(given.count, 'count'), given.retryAfterSeconds),
  calm: (control) => control.calm(),
  expire: (control, given) => control.expire(given.what),
  cookies: (control, given) => control.cookies(given.user),
  token: (control, given) => control.accessToken(needed(given.audience, 'audience'), given.user),
};

export async function answerControl(control: StandinControl, request: StandinRequest): Promise<void> {
  const command = COMMANDS[request.path.slice(CONTROL_PREFIX.length)];
  if (command === undefined)
    return reply(request, 404, { error: `commands are ${Object.keys(COMMANDS).join(', ')}` });
  try {
    const text = await request.text(BODY_LIMIT_BYTES);
    const given = text.trim() === '' ? {} : (JSON.parse(text) as Arguments);
    const result = await command(control, given);
    await reply(request, 200, { result: result ?? null });
  } catch (error) {
    if (request.replied) throw error;
    const status = error instanceof BodyTooLarge ? 413 : 400;
    await reply(request, status, { error: error instanceof Error ? error.message : String(error) });
  }
}

function write(control: StandinControl, given: Arguments): void {
  const drive = control.drive(given.site);
  const path = needed(given.path, 'path');
  if (given.folder === true) drive.makeFolder(path);
  else drive.write(path, bytesOf(given), given);
}

function bytesOf(given: Arguments): Bytes {
  if (given.base64 !== undefined) return Buffer.from(given.base64, 'base64');
  if (given.size !== undefined) return { pattern: given.pattern ?? 1, size: given.size };
  return given.text ?? '';
}

function needed<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

function reply(request: StandinRequest, status: number, value: unknown): Promise<void> {
  return request.reply({
    status,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  });
}
