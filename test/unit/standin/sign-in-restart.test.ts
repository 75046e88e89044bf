/** Whoever signed in before the stand-in was started again is still signed in, as long as the session would hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD, type Standin } from '../../../src/standin/index.js';
import { temporaryDir } from '../../support/auth-place.js';
import { SignInClient, standinFor } from '../../support/standin-sign-in.js';

const USER = 'user@contoso.com';

function status(standin: Standin, cookie: string): Promise<number> {
  const url = `${standin.url}/_api/web/currentuser`;
  return fetch(url, { headers: { cookie, accept: 'application/json' } }).then((answer) => answer.status);
}

test('sessions and tokens are kept with --state, and so is what ended them', async (t) => {
  const stateDir = await temporaryDir(t);
  const first = await standinFor(t, { stateDir });
  const browser = new SignInClient(first);
  await browser.signIn(first.url, { upn: USER, password: STANDIN_PASSWORD, stay: true });
  const [good, signedOut, ended] = [
    first.control.cookies(),
    first.control.cookies(),
    first.control.cookies(),
  ];
  const token = first.control.accessToken(first.origin);
  await fetch(`${first.url}/_layouts/15/SignOut.aspx`, { headers: { cookie: signedOut } });
  first.control.setUser('other@contoso.com', { password: 'changed' });
  await first.close();

  const second = await standinFor(t, { stateDir });
  assert.equal(await status(second, good), 200);
  assert.equal(await status(second, signedOut), 401);
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  assert.equal((await fetch(`${second.url}/_api/web/currentuser`, { headers })).status, 200);
  const again = new SignInClient(second);
  const kept = [...browser.jar].flatMap(([, cookies]) => [...cookies]);
  again.jar.set(new URL(second.origin).host, new Map(kept.filter(([name]) => name.startsWith('ESTS'))));
  await again.browse(`${second.url}/`);
  assert.equal(second.control.signIns.count('silent-renewal'), 1);
  second.control.expire('cookies');
  assert.equal(await status(second, ended), 401);
  await second.close();

  const third = await standinFor(t, { stateDir });
  assert.equal(await status(third, good), 401);
  assert.equal(third.control.signIns.count('password-accepted'), 0);
  const other = new SignInClient(third);
  const refused = await other.signIn(third.url, { upn: 'other@contoso.com', password: STANDIN_PASSWORD });
  assert.match(refused.text, /passwd/);
});
