/** No secret occurs anywhere but in the sealed file: not in the log at its most talkative, in no error, in no other file. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { logOut, type SignInRequest, signIn } from '../../src/sharepoint/auth/index.js';
import { SealingKeys } from '../../src/sharepoint/auth/store/sealing-key.js';
import { SealedVault } from '../../src/sharepoint/auth/store/session-vault.js';
import type { StoredSession } from '../../src/sharepoint/auth/store/stored-session.js';
import { BrowserPerson, DevicePerson } from '../support/auth-people.js';
import {
  type AuthPlace,
  authPlace,
  NEVER_ABORTED,
  NO_KEYRING,
  Person,
  sessionOf,
} from '../support/auth-place.js';

const WRONG = 'wrong-but-secret-too';

class Watch {
  readonly secrets = new Set<string>();
  readonly seen: string[] = [];
  readonly #place: AuthPlace;

  constructor(place: AuthPlace) {
    this.#place = place;
  }

  /** What is in the sealed file now is a secret from now on. */
  async learn(): Promise<void> {
    const { stateDir } = this.#place;
    const vault = new SealedVault(stateDir, new SealingKeys({ stateDir, keyring: NO_KEYRING }));
    const session = await vault.load();
    for (const secret of session ? secretsOf(session) : []) this.secrets.add(secret);
  }

  async failing(work: Promise<unknown>): Promise<void> {
    const error = await work.then(
      () => assert.fail('that should have failed'),
      (reason: unknown) => reason,
    );
    this.seen.push(inspect(error, { depth: 10, showHidden: true, maxStringLength: null }));
    this.seen.push(error instanceof Error ? String(error.stack) : '');
  }

  async assertKept(): Promise<void> {
    const { stateDir, logged } = this.#place;
    const names = (await readdir(stateDir)).filter((name) => !name.startsWith('sign-in.'));
    const files = await Promise.all(names.map((name) => readFile(join(stateDir, name), 'latin1')));
    assert.ok(this.secrets.size > 0 && logged.length > 0);
    const everything = [...this.seen, ...logged, ...files].join('\n');
    for (const secret of this.secrets) {
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
        assert.ok(!everything.includes(form), `a secret that starts with ${secret.slice(0, 4)} got out`);
      }
    }
  }
}

function secretsOf({ jar, tokens, password }: StoredSession): string[] {
  const values = (jar?.cookies ?? []).map(({ key, value }) =>
    /^(FedAuth|rtFa|ESTS|SPOIDCRL)/.test(key ?? '') ? value : null,
  );
  const all = [...values, password, tokens?.accessToken, tokens?.refreshToken, tokens?.previousRefreshToken];
  return all.filter((value): value is string => typeof value === 'string' && value.length > 8);
}

const WAYS: Record<string, (place: AuthPlace) => readonly [SignInRequest, Person]> = {
  password: () => [{ method: 'password', username: 'user@contoso.com' }, new Person()],
  federated: () => [{ method: 'password', username: 'federated@contoso.com' }, new Person()],
  cookies: (place) => [{ method: 'cookies' }, new Person({ cookies: place.standin.control.cookies() })],
  device: (place) => [{ method: 'device', clientId: 'client' }, new DevicePerson(place)],
  code: (place) => [{ method: 'code', clientId: 'client' }, new BrowserPerson(place)],
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}: from the first request to the logout, no secret gets out`, async (t) => {
    const user = name === 'federated' ? 'federated@contoso.com' : 'user@contoso.com';
    const place = await authPlace(t, { legacyAuth: true }, user);
    const watch = new Watch(place);
    const [request, person] = way(place);
    await signIn(request, person, place.options, NEVER_ABORTED);
    await watch.learn();
    const session = await sessionOf(t, place);
    place.clock.advance(25 * 3_600_000);
    await session.checkSession(NEVER_ABORTED);
    watch.secrets.add((await session.freshCookieLine(NEVER_ABORTED)).replace(/^\w+=|;.*$/g, ''));
    await watch.learn();
    place.clock.advance(1_000);
    place.standin.control.revoke(user);
    place.standin.control.setUser(user, { password: 'changed' });
    place.standin.control.expire('all');
    await watch.failing(session.checkSession(NEVER_ABORTED));
    const url = new URL(place.options.siteUrl);
    await watch.failing(session.apply(url, NEVER_ABORTED));
    watch.seen.push(inspect(session, { depth: 3 }), JSON.stringify(session.status()), person.told.join('\n'));
    await logOut(place.options, NEVER_ABORTED);
    await watch.assertKept();
  });
}

test('failures of every kind tell no secret', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const watch = new Watch(place);
  watch.secrets.add(WRONG);
  const attempt = (request: SignInRequest, person: Person, options = place.options) =>
    watch.failing(signIn(request, person, options, NEVER_ABORTED));
  const person = new Person({ password: WRONG, cookies: `FedAuth=${WRONG}; rtFa=${WRONG}` });
  for (const username of [
    'user@contoso.com',
    'federated@contoso.com',
    'mfa@contoso.com',
    'blocked@contoso.com',
  ]) {
    await attempt({ method: 'password', username }, person);
  }
  await attempt({ method: 'cookies' }, person);
  place.standin.control.switches.adfsAnswer = 'html';
  await attempt(
    { method: 'password', username: 'federated@contoso.com' },
    new Person({ password: `${WRONG}2` }),
  );
  const nowhere = { ...place.options, siteUrl: 'http://127.0.0.1:1/personal/user_contoso_com' };
  await attempt(
    { method: 'password', username: 'user@contoso.com', loginUrl: 'http://127.0.0.1:1' },
    person,
    nowhere,
  );
  await attempt({ method: 'cookies' }, person, nowhere);
  await watch.assertKept();
});
