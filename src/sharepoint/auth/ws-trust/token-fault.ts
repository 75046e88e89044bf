/** What an answer without a token means (protocol notes 1b). Codes decide; the one text that has no code is matched. */
import { errorFromAadsts } from '../aadsts.js';
import type { LoginAnswer } from '../login-client.js';
import { SignInError } from '../sign-in-error.js';
import { firstText, readXml } from './soap.js';

export const LEGACY_OFF =
  'sign-in by password is switched off for this tenant (Microsoft ended it in May 2026): use "odbfs login --method browser"';

export function tokenFault(answer: LoginAnswer): SignInError {
  const byCode = errorFromAadsts(answer.text);
  if (byCode) return byCode;
  if (/federated namespace/i.test(answer.text)) {
    return new SignInError(
      'federated-mismatch',
      'this user signs in at the organisation, not at the cloud: check the user name, or use "--method browser"',
    );
  }
  if (isLegacyRefusal(answer)) return new SignInError('legacy-off', LEGACY_OFF);
  if (answer.status >= 500) {
    return new SignInError(
      'unreachable',
      `${answer.url.host} has a fault of its own (${answer.status}): try later`,
    );
  }
  if (readXml(answer.text) === null) {
    return new SignInError(
      'protocol',
      `${answer.url.host} answered with a page instead of a token: use "--method browser"`,
    );
  }
  return new SignInError(
    'protocol',
    `${answer.url.host} gave no token (status ${answer.status}): use "--method browser"`,
  );
}

/** "Authentication Failure" with no AADSTS text was how users first saw that a tenant had switched it off. */
function isLegacyRefusal(answer: LoginAnswer): boolean {
  if (answer.header('x-msdavext_error')?.startsWith('917656')) return true;
  return (firstText(readXml(answer.text), 'Subcode') ?? answer.text).includes('FailedAuthentication');
}
