/**
 * The stand-in in a test's hand: its clock, its switches, its drives behind everybody's back, what it was asked. The
 * same commands are offered over HTTP by `control-endpoint.ts`.
 */
import type { StandinClock } from '../clock.js';
import type { StandinUser } from '../directory.js';
import type { LogCounts, RequestLog } from '../request-log.js';
import type { SignInLog } from '../sign-in/index.js';
import type { Site } from '../sites.js';
import type { Switches, SwitchProfile } from '../switches.js';
import { createSwitches, setSwitches } from '../switches.js';
import type { Throttle } from '../throttle.js';
import type { World } from '../world.js';
import { ForeignClient } from './foreign-client.js';
import { type SnapshotEntry, snapshot } from './snapshot.js';

export interface ControlParts {
  readonly world: World;
  readonly log: RequestLog;
  readonly throttle: Throttle;
  /** Cuts every connection; those to come are fine. */
  readonly cutConnections: () => void;
  readonly bugs: readonly string[];
}

export class StandinControl {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** Live: may be read and assigned. */
  get switches(): Switches {
    return this.#parts.world.switches;
  }

  get clock(): StandinClock {
    return this.#parts.world.clock;
  }

  get log(): RequestLog {
    return this.#parts.log;
  }

  /** Every sign-in attempt, wrong password, renewal and refused session. */
  get signIns(): SignInLog {
    return this.#parts.world.signIn.log;
  }

  /** Descriptions of what went wrong within the stand-in itself; a test asserts that there are none. */
  get bugs(): readonly string[] {
    return this.#parts.bugs;
  }

  counts(): LogCounts {
    return this.log.counts();
  }

  set(changes: Readonly<Record<string, unknown>>): void {
    setSwitches(this.switches, changes);
  }

  useProfile(profile: SwitchProfile): void {
    Object.assign(this.switches, createSwitches(profile));
  }

  /** The next `count` requests are throttled. */
  throttleStorm(count: number, retryAfterSeconds = 1): void {
    this.set({ throttleNext: count, throttleRetryAfterSeconds: retryAfterSeconds });
  }

  /** Forgets what was counted towards throttling. */
  calm(): void {
    this.#parts.throttle.reset();
    this.set({ throttleNext: 0, unavailableNext: 0 });
  }

  cutConnections(): void {
    this.#parts.cutConnections();
  }

  expire(what: 'cookies' | 'tokens' | 'all' = 'cookies'): void {
    this.#parts.world.signIn.expire(what);
  }

  /** Changes how the sign-in goes for a user from now on; a new password ends all that the old one opened. */
  setUser(upn: string, changes: Partial<Pick<StandinUser, 'password' | 'realm' | 'fate'>>): void {
    Object.assign(this.#user(upn), changes);
  }

  /** Ends every session and token of a user, as an admin would. */
  revoke(upn: string): void {
    this.#user(upn).revokedBeforeMs = this.clock.now();
  }

  /** A `Cookie` header value of a user who signed in just now; default: the first user. */
  cookies(upn?: string): string {
    return this.#parts.world.signIn.issueCookies(this.#user(upn));
  }

  accessToken(audience: string, upn?: string): string {
    return this.#parts.world.signIn.issueAccessToken(this.#user(upn), audience);
  }

  /** Another client of a drive: the personal one of the first user, or the site at a path such as `/sites/team`. */
  drive(sitePath?: string): ForeignClient {
    return new ForeignClient(this.#parts.world, this.#site(sitePath));
  }

  /** Everything in a drive, by path, sorted; with SHA-256 of the bytes when asked. */
  tree(options: { readonly site?: string; readonly hash?: boolean } = {}): Promise<SnapshotEntry[]> {
    return snapshot(this.#site(options.site), options.hash ?? false);
  }

  #site(path: string | undefined): Site {
    const { sites } = this.#parts.world;
    const site = path === undefined ? sites.all[0] : sites.all.find((one) => one.path === path);
    if (site === undefined) throw new Error(`no site is at ${path}`);
    return site;
  }

  #user(upn: string | undefined): StandinUser {
    const { directory } = this.#parts.world;
    const user = upn === undefined ? directory.first : directory.find(upn);
    if (user === undefined) throw new Error(`no user is called ${upn}`);
    return user;
  }
}
