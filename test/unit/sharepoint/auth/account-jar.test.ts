import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountJar } from '../../../../src/sharepoint/auth/account-jar.js';
import { FakeClock } from '../../../support/fake-clock.js';

const MY = new URL('https://contoso-my.sharepoint.com/personal/user_contoso_com/');
const ROOT = new URL('https://contoso.sharepoint.com/sites/team');
const LOGIN = new URL('https://login.microsoftonline.com/');

function signedIn(clock = new FakeClock()): AccountJar {
  const jar = new AccountJar(clock);
  jar.absorb(MY, [
    'FedAuth=77u/PD94+bWwg==; path=/; secure; HttpOnly; SameSite=None',
    'rtFa=a+b/c==; domain=sharepoint.com; path=/; secure; HttpOnly',
  ]);
  jar.absorb(LOGIN, ['ESTSAUTH=secret; path=/; secure; HttpOnly']);
  return jar;
}

test('each host gets its own cookies, unchanged, and the shared one', () => {
  const jar = signedIn();
  assert.equal(jar.value(MY, 'FedAuth'), '77u/PD94+bWwg==');
  assert.equal(jar.header(ROOT), 'rtFa=a+b/c==');
  assert.equal(jar.header(LOGIN), 'ESTSAUTH=secret');
});

test('no cookie goes to another host, or in the clear', () => {
  const jar = signedIn();
  for (const foreign of [
    'https://evil.com/',
    'https://sharepoint.com.evil.com/',
    'https://evilsharepoint.com/',
    'https://microsoftonline.com/',
    'http://contoso-my.sharepoint.com/',
    'http://login.microsoftonline.com/',
  ]) {
    assert.equal(jar.header(new URL(foreign)), '', foreign);
  }
});

test('a host sets no cookies for others, nor for a whole top-level domain', () => {
  const jar = new AccountJar(new FakeClock());
  jar.absorb(new URL('https://evil.com/'), ['FedAuth=x; domain=sharepoint.com', 'a=b; domain=com']);
  assert.equal(jar.size, 0);
});

test('cookies end by the clock that the jar was given', () => {
  const clock = new FakeClock();
  const jar = signedIn(clock);
  jar.absorb(MY, [
    'short=1; max-age=60; path=/',
    `dated=1; expires=${new Date(clock.now() + 60_000).toUTCString()}; path=/`,
  ]);
  assert.match(jar.header(MY), /short=1/);
  clock.advance(59_000);
  assert.match(jar.header(MY), /dated=1/);
  jar.absorb(MY, ['short=2; max-age=60; path=/']);
  clock.advance(2_000);
  assert.match(jar.header(MY), /short=2/);
  assert.doesNotMatch(jar.header(MY), /dated/);
  assert.ok(jar.everHad((name) => name === 'dated'));
  assert.ok(!jar.has((name) => name === 'dated'));
});

test('what a host gets follows each change, on each path and by each protocol', () => {
  const jar = signedIn();
  const api = new URL('https://contoso-my.sharepoint.com/_api/web');
  jar.absorb(api, ['deep=1; path=/_api; secure', 'plain=1; path=/']);
  assert.match(jar.header(api), /deep=1/);
  assert.doesNotMatch(jar.header(MY), /deep/);
  assert.doesNotMatch(jar.header(new URL('https://contoso-my.sharepoint.com/_apis')), /deep/);
  assert.equal(jar.header(new URL('http://contoso-my.sharepoint.com/_api')), 'plain=1');
  jar.absorb(MY, ['plain=2; path=/']);
  assert.match(jar.header(api), /plain=2/);
  jar.absorb(ROOT, ['shared=1; domain=sharepoint.com; path=/']);
  assert.match(jar.header(api), /shared=1/, 'set by another host, for this one too');
  jar.remove(({ name }) => name === 'deep');
  assert.doesNotMatch(jar.header(api), /deep/);
  for (let host = 0; host < 100; host += 1) jar.header(new URL(`https://host${host}.sharepoint.com/`));
  assert.match(jar.header(api), /plain=2/);
});

test('a server takes its cookie back', () => {
  const jar = signedIn();
  jar.absorb(MY, [
    'FedAuth=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/',
    'rtFa=; max-age=0; domain=sharepoint.com; path=/',
  ]);
  assert.equal(jar.header(MY), '');
});

test('a copy is independent, and what is saved comes back whole', () => {
  const jar = signedIn();
  const copy = jar.clone();
  copy.remove(({ name }) => name === 'FedAuth');
  assert.equal(copy.value(MY, 'FedAuth'), null);
  assert.notEqual(jar.value(MY, 'FedAuth'), null);
  const again = new AccountJar(new FakeClock(), JSON.parse(JSON.stringify(jar.serialize())));
  assert.equal(again.header(MY), jar.header(MY));
  assert.equal(again.header(ROOT), jar.header(ROOT));
});

test('a server that invents names without end fills no disk', () => {
  const jar = signedIn();
  for (let n = 0; n < 1_000; n += 1) jar.absorb(MY, [`n${n}=1; path=/`]);
  assert.ok(jar.size <= 200);
  assert.equal(jar.value(MY, 'FedAuth'), '77u/PD94+bWwg==');
});
