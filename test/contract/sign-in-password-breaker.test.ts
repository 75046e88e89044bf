/** No account is ever locked out by us: over all names that we give it, all processes, all accidents. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { signIn, signInBasic } from '../../src/sharepoint/auth/index.js';
import { PasswordBreaker } from '../../src/sharepoint/auth/methods/password-breaker.js';
import { SignInError } from '../../src/sharepoint/auth/sign-in-error.js';
import { PasswordLedger } from '../../src/sharepoint/auth/store/password-ledger.js';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import {
  type AuthPlace,
  authPlace,
  NEVER_ABORTED,
  Person,
  sessionOf,
  temporaryDir,
} from '../support/auth-place.js';
import { FakeClock } from '../support/fake-clock.js';

const USER = 'user@contoso.com';
const HOUR_MS = 3_600_000;

/** A sign-in under another account name each time: a state directory of its own, and what all accounts share. */
async function underManyNames(t: TestContext, place: AuthPlace, realTime = false) {
  const { clock: _shared, ...others } = place.options;
  const base = realTime ? others : { ...others, clock: place.clock };
  const sharedDir = await temporaryDir(t);
  const passwordOf = async (password: string, username = USER) => {
    const stateDir = await temporaryDir(t);
    const options = { ...base, stateDir, sharedDir };
    return signIn({ method: 'password', username }, new Person({ password }), options, NEVER_ABORTED);
  };
  return { sharedDir, passwordOf };
}

test('a new name for the account does not make a user new', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const { passwordOf } = await underManyNames(t, place);
  const tries = ['one', 'one', 'two', 'three', 'four', 'five', 'six'];
  for (const [n, word] of tries.entries()) {
    await assert.rejects(passwordOf(word, n % 2 === 0 ? USER : ` ${USER.toUpperCase()} `), SignInError);
  }
  const { signIns } = place.standin.control;
  assert.equal(signIns.count('password-wrong'), 3);
  await assert.rejects(passwordOf('seven'), { kind: 'locked-out', message: /until .*--method browser/ });
});

test('at once or one after another: never five, and the server never locks', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  place.standin.control.clock.unfreeze();
  const { passwordOf } = await underManyNames(t, place, true);
  const words = Array.from({ length: 8 }, (_, n) => `wrong ${n}`);
  await Promise.allSettled(words.map((word) => passwordOf(word)));
  const { signIns } = place.standin.control;
  assert.equal(signIns.count('password-wrong'), 3);
  assert.equal(signIns.count('password-refused'), 0);
});

test('half an hour later there is one more try, and then none for the rest of the day', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const { passwordOf } = await underManyNames(t, place);
  const { signIns } = place.standin.control;
  for (const word of ['one', 'two', 'three', 'four']) await assert.rejects(passwordOf(word));
  for (const hours of [1, 2, 4, 8]) {
    place.clock.advance(hours * HOUR_MS);
    for (const word of [`after ${hours}`, 'one']) await assert.rejects(passwordOf(word), SignInError);
  }
  assert.equal(signIns.count('password-wrong'), 4);
  place.clock.advance(24 * HOUR_MS);
  await passwordOf(STANDIN_PASSWORD);
});

test('the right one in between makes a fresh start', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const { passwordOf } = await underManyNames(t, place);
  for (const round of [1, 2, 3]) {
    for (const word of ['a', 'b'])
      await assert.rejects(passwordOf(`${word}${round}`), { kind: 'wrong-password' });
    await passwordOf(STANDIN_PASSWORD);
  }
  assert.equal(place.standin.control.signIns.count('password-refused'), 0);
});

test('answers that do not say "wrong" count: a page of ADFS, a tenant that refuses programs', async (t) => {
  const place = await authPlace(t, { legacyAuth: true, adfsAnswer: 'html' }, 'federated@contoso.com');
  const { passwordOf } = await underManyNames(t, place);
  const paths = () =>
    place.standin.control.log.entries.filter(({ path }) => /usernamemixed|extsts/i.test(path)).length;
  for (const word of ['one', 'two', 'three', 'four', 'five'])
    await assert.rejects(passwordOf(word, 'federated@contoso.com'));
  assert.equal(paths(), 3);
  place.standin.control.switches.legacyAuth = false;
  for (const word of ['one', 'two', 'three', 'four', 'five']) await assert.rejects(passwordOf(word));
  assert.equal(paths(), 6);
});

test('two accounts of a user whose password was changed: the second keeper does not send it again', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const sharedDir = await temporaryDir(t);
  const places = [];
  for (const _name of ['a', 'b']) {
    const options = { ...place.options, stateDir: await temporaryDir(t), sharedDir };
    await signIn({ method: 'password', username: USER }, new Person(), options, NEVER_ABORTED);
    places.push({ ...place, options });
  }
  place.clock.advance(1_000);
  place.standin.control.setUser(USER, { password: 'another' });
  place.clock.advance(25 * HOUR_MS);
  for (const one of places) {
    const session = await sessionOf(t, one);
    await assert.rejects(session.checkSession(NEVER_ABORTED), { kind: 'wrong-password' });
    assert.equal(session.status().state, 'signed-out');
  }
  assert.equal(place.standin.control.signIns.count('password-wrong'), 1);
});

test("what is remembered holds no password and no name, and is nobody else's to read", async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const { passwordOf, sharedDir } = await underManyNames(t, place);
  await assert.rejects(passwordOf('nearly right'), { kind: 'wrong-password' });
  assert.deepEqual((await readdir(sharedDir)).sort(), ['.wrong-passwords', '.wrong-passwords.lock']);
  const text = await readFile(join(sharedDir, '.wrong-passwords'), 'utf8');
  for (const secret of ['nearly right', USER, 'contoso']) assert.ok(!text.includes(secret));
});

async function breaker(t: TestContext) {
  const path = join(await temporaryDir(t), 'ledger');
  const patience = { clock: new FakeClock(), signal: NEVER_ABORTED };
  const made = () => new PasswordBreaker(new PasswordLedger(path), `${path}.lock`);
  const attempt = (password: string) => ({ username: 'alice', password, host: 'dav.example' });
  let sent = 0;
  const send = (error: Error | null) => async () => {
    sent += 1;
    if (error) throw error;
  };
  return { path, patience, made, attempt, send, sent: () => sent };
}

test('whoever is killed while a password is under way has counted it', async (t) => {
  const { patience, made, attempt, send, sent } = await breaker(t);
  for (const word of ['one', 'two', 'three']) {
    const answerLost = Object.assign(new Error('killed'), { name: 'Killed' });
    await assert.rejects(made().guard(attempt(word), patience, send(answerLost)), /killed/);
  }
  await assert.rejects(made().guard(attempt('four'), patience, send(null)), { kind: 'locked-out' });
  assert.equal(sent(), 3);
});

test('a password that never left this machine does not count', async (t) => {
  const { patience, made, attempt, send } = await breaker(t);
  const unsent = new SignInError('unreachable', 'no network', { wasNotSent: true });
  for (const word of ['one', 'two', 'three', 'four', 'five']) {
    await assert.rejects(made().guard(attempt(word), patience, send(unsent)), { kind: 'unreachable' });
  }
});

test('a clock that was wrong once does not count for years, and rubbish in the file for nothing', async (t) => {
  const { path, patience, made, attempt, send } = await breaker(t);
  const wrong = new SignInError('wrong-password', 'wrong');
  patience.clock.advance(400 * 24 * HOUR_MS);
  for (const word of ['one', 'two', 'three'])
    await assert.rejects(made().guard(attempt(word), patience, send(wrong)), { kind: 'wrong-password' });
  const back = { clock: new FakeClock(), signal: NEVER_ABORTED };
  await assert.rejects(made().guard(attempt('four'), back, send(wrong)), { kind: 'locked-out' });
  back.clock.advance(HOUR_MS);
  await made().guard(attempt('right'), back, send(null));
  await writeFile(path, '{"format":1,');
  await made().guard(attempt('right'), back, send(null));
});

test('a WebDAV server is not sent five wrong passwords either', async (t) => {
  const place = await authPlace(t);
  const sharedDir = await temporaryDir(t);
  place.standin.control.switches.failNext = 1_000;
  place.standin.control.switches.failStatus = 401;
  for (const password of ['one', 'two', 'three', 'four', 'five', 'six']) {
    const options = { ...place.options, stateDir: await temporaryDir(t), sharedDir };
    const person = new Person({ password });
    await assert.rejects(signInBasic({ username: 'alice' }, person, options, NEVER_ABORTED), SignInError);
  }
  assert.equal(place.standin.control.counts().total, 3);
});
