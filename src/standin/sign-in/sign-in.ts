/** The room's front: routes by host, and hands out what tests and demos want ready-made. */
import type { StandinUser } from '../directory.js';
import { BodyTooLarge, type StandinRequest } from '../request.js';
import { withSetCookies } from './browser/with-set-cookies.js';
import { SHAREPOINT_PRINCIPAL } from './challenges.js';
import type { InvalidReason, SessionOrRefusal, SignIn, SignInContext } from './contract.js';
import { createDesk, type Desk } from './desk.js';
import { answerAdfs, answerLoginHost, refuseUnavailable } from './login-host.js';
import { audienceOf } from './oauth/scope.js';
import { accessToken } from './oauth/tokens.js';
import { refuse } from './refusal.js';
import { sessionOf } from './session.js';
import type { SignInLog } from './sign-in-log.js';
import { ELSEWHERE, issueSiteCookie, reissuedCookies } from './site-cookies.js';
import { answerSitePage } from './site-host.js';

export function createSignIn(context: SignInContext): SignIn {
  return new StandinSignIn(createDesk(context));
}

class StandinSignIn implements SignIn {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  get log(): SignInLog {
    return this.#desk.log;
  }

  async handle(request: StandinRequest): Promise<boolean> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      await request.reply({ status: 413 });
      return true;
    }
  }

  async #answer(request: StandinRequest): Promise<boolean> {
    switch (request.role) {
      case 'login':
        if (await refuseUnavailable(this.#desk, request)) return true;
        await answerLoginHost(this.#desk, request);
        return true;
      case 'adfs':
        await answerAdfs(this.#desk, request);
        return true;
      case 'my':
      case 'root':
        return answerSitePage(this.#desk, request);
    }
  }

  sessionOf(request: StandinRequest): SessionOrRefusal {
    return sessionOf(this.#desk, request);
  }

  refuse(request: StandinRequest, reason: InvalidReason): Promise<void> {
    return refuse(this.#desk, request, reason);
  }

  renewing(request: StandinRequest): StandinRequest {
    const cookies = reissuedCookies(this.#desk, request);
    return cookies.length === 0 ? request : withSetCookies(request, cookies);
  }

  issueCookies(user: StandinUser): string {
    const detail = { host: null, persistent: false, signedInAtMs: this.#desk.clock.now(), ...ELSEWHERE };
    const fedAuth = issueSiteCookie(this.#desk, user, { name: 'FedAuth', ...detail });
    const rtFa = issueSiteCookie(this.#desk, user, { name: 'rtFa', ...detail });
    return `FedAuth=${fedAuth}; rtFa=${rtFa}`;
  }

  issueAccessToken(user: StandinUser, audience: string): string {
    const known = audienceOf(this.#desk, audience.replace(/\/$/, '').toLowerCase());
    const resource = {
      audience: known === undefined ? audience : known,
      audienceText: audience,
      scope: 'AllSites.Write MyFiles.Write',
      wantsRefresh: false,
      wantsIdToken: false,
    };
    return accessToken(this.#desk, {
      user,
      resource,
      clientId: SHAREPOINT_PRINCIPAL,
      claimsMet: false,
      mfaDone: true,
    });
  }

  expire(what: 'cookies' | 'tokens' | 'all'): void {
    const { siteCookies, accessTokens, refreshTokens, loginSessions, codes, idTokens, compactTokens } =
      this.#desk;
    const stores = {
      cookies: [siteCookies],
      tokens: [accessTokens],
      all: [siteCookies, accessTokens, refreshTokens, loginSessions, codes, idTokens, compactTokens],
    };
    for (const store of stores[what]) store.expireAll();
  }

  close(): void {
    this.#desk.shelf?.close();
  }
}
