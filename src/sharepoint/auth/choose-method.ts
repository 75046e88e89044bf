/** What `--method auto` means here and now. */
import { SignInError } from './sign-in-error.js';
import type { SignInMethod } from './store/stored-session.js';

export type MethodChoice = 'auto' | SignInMethod;

export interface ChoiceFacts {
  readonly method: MethodChoice;
  readonly clientId?: string | undefined;
  readonly cookiesFrom?: string | undefined;
}

export function chooseMethod(
  { method, clientId, cookiesFrom }: ChoiceFacts,
  environment: Readonly<Record<string, string | undefined>>,
): SignInMethod {
  if (method !== 'auto') return method;
  if (cookiesFrom !== undefined) return 'cookies';
  if (environment.DISPLAY || environment.WAYLAND_DISPLAY) return 'browser';
  if (clientId !== undefined) return 'device';
  throw new SignInError(
    'unavailable',
    'no display to open a browser on: use "--method device --client-id ID", or "--method cookies" with cookies from a browser elsewhere',
  );
}
