export type {
  CreateSignIn,
  InvalidReason,
  Session,
  SessionOrRefusal,
  SignIn,
  SignInContext,
} from './contract.js';
export { createSignIn } from './sign-in.js';
export { type SignInEvent, type SignInEventName, SignInLog } from './sign-in-log.js';
