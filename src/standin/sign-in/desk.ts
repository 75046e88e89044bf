/** What every part of sign-in works with: the stand-in's context, all that was handed out, passwords, and the log. */
import { BoundedMap } from './bounded-map.js';
import { Conversations } from './browser/conversation.js';
import type { HopAttempt } from './browser/hop-attempt.js';
import type { SignInContext } from './contract.js';
import { DeviceGrants } from './oauth/device-grants.js';
import { Passwords } from './passwords.js';
import { SignInLog } from './sign-in-log.js';
import { TicketShelf } from './ticket-shelf.js';
import { TicketStore } from './ticket-store.js';

export interface SiteCookieDetail {
  readonly name: 'FedAuth' | 'rtFa' | 'SPOIDCRL';
  /** The host that it was given to (`hostKey`), or null for every host of the tenant. */
  readonly host: string | null;
  readonly userAgent: string;
  readonly address: string;
  readonly persistent: boolean;
  /** When the user signed in; a cookie that was issued anew keeps it. */
  readonly signedInAtMs: number;
}

/** A session of the login host: ESTSAUTH or ESTSAUTHPERSISTENT. */
export interface LoginSessionDetail {
  readonly persistent: boolean;
  readonly mfaDone: boolean;
}

export interface AccessDetail {
  /** The host that it is for (`hostKey`), or null for every host of the tenant. */
  readonly audience: string | null;
  readonly audienceText: string;
  readonly scope: string;
  /** It was asked for with the claims of a challenge. */
  readonly claimsMet: boolean;
}

export interface RefreshDetail {
  readonly clientId: string;
  readonly mfaDone: boolean;
}

export interface CodeDetail {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: string;
  readonly claimsMet: boolean;
  readonly mfaDone: boolean;
  redeemed: boolean;
}

export interface IdTokenDetail {
  readonly nonce: string;
  readonly persistent: boolean;
  /** `hostKey` of the SharePoint host that it was made for. */
  readonly host: string;
}

export interface Desk extends SignInContext {
  readonly log: SignInLog;
  /** Where the sessions and tokens are kept; null when they end with the stand-in. */
  readonly shelf: TicketShelf | null;
  readonly passwords: Passwords;
  readonly siteCookies: TicketStore<SiteCookieDetail>;
  readonly loginSessions: TicketStore<LoginSessionDetail>;
  readonly accessTokens: TicketStore<AccessDetail>;
  readonly refreshTokens: TicketStore<RefreshDetail>;
  readonly codes: TicketStore<CodeDetail>;
  readonly idTokens: TicketStore<IdTokenDetail>;
  /** The `t=…&p=` tokens of extSTS and rst2, as text. */
  readonly compactTokens: TicketStore<null>;
  /** Assertions of ADFS, as the bytes that were sent. */
  readonly assertions: TicketStore<null>;
  readonly conversations: Conversations;
  readonly deviceGrants: DeviceGrants;
  /** Browser flows between hop 3 and hop 5, by the value of their nSGt cookie. */
  readonly hopAttempts: BoundedMap<HopAttempt>;
  /** Who answered "Stay signed in?" with "Don't show this again", and what. */
  readonly rememberedAnswers: BoundedMap<boolean>;
}

const ATTEMPT_LIMIT = 1_000;

export function createDesk(context: SignInContext): Desk {
  const { clock, switches, directory, hosts, random, tenantId } = context;
  const log = new SignInLog(clock);
  const shelf = context.stateDir === undefined ? null : new TicketShelf(context.stateDir, directory);
  const kept = (kind: string) => (shelf === null ? null : { shelf, kind });
  return {
    shelf,
    clock,
    switches,
    directory,
    hosts,
    random,
    tenantId,
    log,
    passwords: new Passwords(clock, directory, log),
    siteCookies: new TicketStore(clock, kept('siteCookies')),
    loginSessions: new TicketStore(clock, kept('loginSessions')),
    accessTokens: new TicketStore(clock, kept('accessTokens')),
    refreshTokens: new TicketStore(clock, kept('refreshTokens')),
    codes: new TicketStore(clock),
    idTokens: new TicketStore(clock),
    compactTokens: new TicketStore(clock),
    assertions: new TicketStore(clock),
    conversations: new Conversations(random),
    deviceGrants: new DeviceGrants(context),
    hopAttempts: new BoundedMap(ATTEMPT_LIMIT),
    rememberedAnswers: new BoundedMap(ATTEMPT_LIMIT),
  };
}
