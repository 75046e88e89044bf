/** Sign-in: getting a session, keeping it fresh, and saying where it stands. */
export { aadstsCodeIn } from './aadsts.js';
export { BasicSession } from './basic/basic-session.js';
export { signInBasic } from './basic/basic-sign-in.js';
export type { MethodChoice } from './choose-method.js';
export { type Cloud, cloudOf } from './clouds.js';
export { type FedAuthTimes, readFedAuth } from './fed-auth.js';
export { forgetSignIn, type LogOutResult, logOut } from './log-out.js';
export { openSession } from './open-session.js';
export type { Prompts, Question } from './prompts.js';
export { AccountSession } from './session/account-session.js';
export type { AuthListener, AuthStatus } from './session/held-session.js';
export type { SessionPlaceOptions } from './session-place.js';
export { type SignInOptions, type SignInRequest, type SignInResult, signIn } from './sign-in.js';
export { SignInError, type SignInErrorKind } from './sign-in-error.js';
export { SiteAddress } from './site-address.js';
export { MemoryVault, type SessionVault } from './store/session-vault.js';
export { SIGN_IN_METHODS, type SignInMethod } from './store/stored-session.js';
