import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFromAadsts } from '../../../../src/sharepoint/auth/aadsts.js';
import { recourseOf, type SignInErrorKind } from '../../../../src/sharepoint/auth/sign-in-error.js';

const KINDS: readonly (readonly [code: number, kind: SignInErrorKind, words: RegExp])[] = [
  [50126, 'wrong-password', /type it again/],
  [50053, 'locked-out', /wait some minutes/],
  [50076, 'mfa-needed', /--method browser/],
  [50079, 'mfa-needed', /set up a second factor/],
  [53003, 'conditional-access', /Conditional Access/],
  [50034, 'unknown-user', /check the user name/],
  [65001, 'admin-approval', /administrator.*--method browser/],
  [90094, 'admin-approval', /administrator/],
  [700082, 'person-needed', /odbfs login/],
  [50173, 'person-needed', /new password/],
  [50055, 'person-needed', /expired/],
  [700016, 'bad-input', /--client-id/],
  [90033, 'unreachable', /try later/],
  [123456, 'person-needed', /--method browser/],
];

for (const [code, kind, words] of KINDS) {
  test(`AADSTS${code} is ${kind}, whatever the language of its text`, () => {
    const error = errorFromAadsts(`AADSTS${code}: Fehler bei der Überprüfung von Hugo`);
    assert.equal(error?.kind, kind);
    assert.equal(error?.aadsts, code);
    assert.match(error!.message, words);
    assert.doesNotMatch(error!.message, /Hugo|\n/);
    assert.equal(recourseOf(error), kind === 'unreachable' ? 'later' : 'person');
  });
}

test('a text without a code says nothing', () => {
  for (const text of ['', 'Authentication Failure', 'AADSTS', 'AADSTS12'])
    assert.equal(errorFromAadsts(text), null);
});
