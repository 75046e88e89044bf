/** What other processes and administrators do to a sign-in that is in use. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '../../src/base/index.js';
import { logOut, MemoryVault, openSession, signIn } from '../../src/sharepoint/auth/index.js';
import type { Keyring } from '../../src/sharepoint/auth/store/keyring.js';
import { SEALED_FILE } from '../../src/sharepoint/auth/store/session-vault.js';
import { authPlace, NEVER_ABORTED, Person, sessionOf, signedInByPages } from '../support/auth-place.js';

const COOKIES = { method: 'cookies' } as const;

test('without a sign-in a session is signed out and says what to type; "odbfs login" heals it', async (t) => {
  const place = await authPlace(t);
  const session = await sessionOf(t, place);
  const url = new URL(place.options.siteUrl);
  assert.match(session.status().message ?? '', /odbfs login/);
  await assert.rejects(session.apply(url, NEVER_ABORTED), { kind: 'signed-out' });
  const states: string[] = [];
  const stop = new AbortController();
  session.subscribe(({ state }) => {
    states.push(state);
    stop.abort();
  });
  const person = new Person({ cookies: place.standin.control.cookies() });
  await signIn(COOKIES, person, place.options, NEVER_ABORTED);
  await session.run(stop.signal);
  assert.deepEqual(states, ['ok']);
  assert.match((await session.apply(url, NEVER_ABORTED)).headers.cookie ?? '', /FedAuth=/);
});

test('revoked by an administrator: signed out with a reason, over restarts, until somebody signs in', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  place.clock.advance(1_000);
  place.standin.control.revoke('user@contoso.com');
  await assert.rejects(session.checkSession(NEVER_ABORTED), { kind: 'person-needed' });
  assert.equal(session.status().state, 'signed-out');
  const shown = place.standin.control.signIns.count('page-shown');
  const again = await sessionOf(t, place);
  await assert.rejects(again.checkSession(NEVER_ABORTED), { kind: 'person-needed' });
  assert.equal(place.standin.control.signIns.count('page-shown'), shown);
  place.clock.advance(1_000);
  const person = new Person({ cookies: place.standin.control.cookies() });
  await signIn(COOKIES, person, place.options, NEVER_ABORTED);
  for (const healed of [session, again]) {
    await healed.reload();
    assert.equal((await healed.checkSession(NEVER_ABORTED)).state, 'ok');
  }
});

test('two processes renew once: the second takes over what the first got', async (t) => {
  const place = await authPlace(t);
  const daemon = await signedInByPages(t, place);
  const other = await sessionOf(t, place);
  place.clock.suspend(30 * 3_600_000);
  await Promise.all([daemon.checkSession(NEVER_ABORTED), other.checkSession(NEVER_ABORTED)]);
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 1);
  assert.equal(await daemon.freshCookieLine(NEVER_ABORTED), await other.freshCookieLine(NEVER_ABORTED));
});

test('a logout elsewhere signs a mount out; a damaged file does not end what is in memory', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  await writeFile(join(place.stateDir, SEALED_FILE), 'rubbish');
  await session.reload();
  assert.equal(session.status().state, 'ok');
  const fresh = await sessionOf(t, place);
  assert.match(fresh.status().message ?? '', /sign-in.*can't be read.*odbfs login/);
  await logOut(place.options, NEVER_ABORTED);
  await session.reload();
  assert.equal(session.status().state, 'signed-out');
  assert.equal((await logOut(place.options, NEVER_ABORTED)).wasSignedIn, false);
});

test('a renewal repairs a damaged file', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  await writeFile(join(place.stateDir, SEALED_FILE), 'rubbish');
  place.standin.control.expire('cookies');
  await session.checkSession(NEVER_ABORTED);
  assert.equal((await sessionOf(t, place)).status().state, 'ok');
});

test('logout ends the session on the server too', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const headers = { cookie: await session.freshCookieLine(NEVER_ABORTED) };
  assert.deepEqual(await logOut(place.options, NEVER_ABORTED), { wasSignedIn: true, revoked: true });
  const answer = await fetch(`${place.options.siteUrl}/_api/web/currentuser`, { headers });
  assert.equal(answer.status, 401);
});

test('a vault in memory leaves nothing behind', async (t) => {
  const place = await authPlace(t);
  const options = { ...place.options, stateDir: '/nonexistent', vault: new MemoryVault() };
  await signIn(COOKIES, new Person({ cookies: place.standin.control.cookies() }), options, NEVER_ABORTED);
  const session = await openSession(options);
  place.clock.advance(25 * 3_600_000);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('a keyring that is locked at boot is asked again, and opens the sign-in when it is unlocked', async (t) => {
  const place = await authPlace(t);
  let locked = false;
  let asked = 0;
  const keys = new Map<string, string>();
  const keyring: Keyring = {
    mayExist: true,
    mayPrompt: true,
    read: async (account) => {
      asked += 1;
      return locked ? 'unavailable' : (keys.get(account) ?? null);
    },
    write: async (account, secret) => Boolean(keys.set(account, secret)),
    remove: async () => undefined,
  };
  const options = { ...place.options, keyring };
  await signIn(COOKIES, new Person({ cookies: place.standin.control.cookies() }), options, NEVER_ABORTED);
  locked = true;
  asked = 0;
  const session = await openSession(options);
  assert.match(session.status().message ?? '', /keyring.*unlock/);
  const stop = new AbortController();
  const startedAt = place.clock.now();
  place.clock.watch(() => {
    locked = place.clock.now() < startedAt + 20 * 3_600_000;
    if (session.status().state === 'ok') stop.abort();
  });
  await session.run(stop.signal);
  assert.ok(asked > 2 && asked < 12, String(asked));
  session.close();
});

test('from the first secret on, this process leaves no memory in a core dump', async (t) => {
  await sessionOf(t, await authPlace(t));
  assert.match(await readFile('/proc/self/coredump_filter', 'utf8'), /^0+\n$/);
});

test('a clock that was months ahead for a moment ends nothing for good', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  session.close();
  let aheadMs = 200 * 24 * 3_600_000;
  const wrong: Clock = {
    now: () => place.clock.now() + aheadMs,
    monotonic: () => place.clock.monotonic(),
    after: (delayMs, callback) => place.clock.after(delayMs, callback),
    sleep: (delayMs, signal) => place.clock.sleep(delayMs, signal),
  };
  const atBoot = await openSession({ ...place.options, clock: wrong });
  t.after(() => atBoot.close());
  await assert.rejects(atBoot.checkSession(NEVER_ABORTED), { kind: 'person-needed' });
  assert.equal(atBoot.status().state, 'signed-out');
  aheadMs = 0;
  const stop = new AbortController();
  const startedAt = place.clock.now();
  place.clock.watch(() => {
    if (atBoot.status().state === 'ok' || place.clock.now() > startedAt + 5 * 3_600_000) stop.abort();
  });
  await atBoot.run(stop.signal);
  assert.equal((await atBoot.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('throttled while it renews: waits as it was told, and stays signed in', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const url = new URL(place.options.siteUrl);
  place.clock.advance(25 * 3_600_000);
  place.standin.control.throttleStorm(1, 120);
  const asked = () => place.standin.control.log.counts().total;
  await assert.rejects(session.apply(url, NEVER_ABORTED), { kind: 'unreachable' });
  const before = asked();
  for (let n = 0; n < 5; n += 1) {
    place.clock.advance(11_000);
    await assert.rejects(session.apply(url, NEVER_ABORTED), { kind: 'signed-out' });
  }
  assert.equal(asked() - before, 0);
  assert.equal(session.status().state, 'stale');
  place.clock.advance(70_000);
  assert.match((await session.apply(url, NEVER_ABORTED)).headers.cookie ?? '', /FedAuth=/);
});
