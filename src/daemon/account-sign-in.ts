import type { AccountSession } from '../sharepoint/index.js';

/** The sign-in of an account in use, whichever kind of server it is for. */
export type AccountSignIn = Pick<
  AccountSession,
  | 'apply'
  | 'rejected'
  | 'absorb'
  | 'status'
  | 'subscribe'
  | 'reload'
  | 'run'
  | 'checkSession'
  | 'freshCookieLine'
  | 'close'
>;
