/**
 * A sign-in without any ceremony, for tests that are about something else: a session is the cookie `FedAuth=UPN,N` or
 * the bearer `UPN,N`, N counting how often sessions were ended. It answers no sign-in request at all.
 */

import type { StandinRequest } from './request.js';
import type { CreateSignIn, InvalidReason, SessionOrRefusal } from './sign-in/contract.js';

const REFUSALS: Readonly<Record<'cookie' | 'bearer', number>> = { cookie: 403, bearer: 401 };

export const createPlainSignIn: CreateSignIn = ({ directory, switches }) => {
  let cookieRound = 1;
  let tokenRound = 1;

  function sessionOf(request: StandinRequest): SessionOrRefusal {
    if (switches.policyBlock) return { invalid: 'policy' };
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const cookie = /(?:^|;\s*)FedAuth=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const [upn, round] = (bearer ?? cookie ?? '').split(',');
    if (upn === undefined || upn === '') return { invalid: 'absent' };
    const user = directory.find(upn);
    if (user === undefined) return { invalid: bearer === undefined ? 'malformed' : 'bad-bearer' };
    if (Number(round) !== (bearer === undefined ? cookieRound : tokenRound)) return { invalid: 'expired' };
    return { user, proof: bearer === undefined ? 'cookie' : 'bearer' };
  }

  function refuse(request: StandinRequest, reason: InvalidReason): Promise<void> {
    return request.reply({
      status: REFUSALS[request.headers.authorization === undefined ? 'cookie' : 'bearer'],
      headers: { 'X-MSDAVEXT_Error': `917656; ${reason}`, 'Content-Type': 'text/plain; charset=utf-8' },
      body: '403 FORBIDDEN',
    });
  }

  return {
    handle: async () => false,
    sessionOf,
    refuse,
    issueCookies: (user) => `FedAuth=${user.upn},${cookieRound}`,
    issueAccessToken: (user) => `${user.upn},${tokenRound}`,
    expire: (what) => {
      if (what !== 'tokens') cookieRound++;
      if (what !== 'cookies') tokenRound++;
    },
  };
};
