import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyOf } from '../../../../src/sharepoint/http/proxy-of.js';

const PROXY = 'http://proxy:3128';
const of = (url: string, environment: Record<string, string>) => proxyOf(new URL(url), environment);

test('the proxy is the one that the environment names, in small letters or in large ones', () => {
  assert.equal(of('https://tenant.test/', { HTTPS_PROXY: PROXY }), PROXY);
  assert.equal(of('https://tenant.test/', { https_proxy: PROXY, HTTPS_PROXY: 'http://other' }), PROXY);
  assert.equal(of('https://tenant.test/', { ALL_PROXY: PROXY }), PROXY);
  assert.equal(of('https://tenant.test/', { HTTPS_PROXY: '' }), null);
  assert.equal(of('https://tenant.test/', {}), null);
});

test('this machine, and what is not encrypted, is asked for directly', () => {
  for (const url of ['https://localhost:1/', 'https://127.0.0.1/', 'https://[::1]/', 'http://tenant.test/'])
    assert.equal(of(url, { HTTPS_PROXY: PROXY }), null, url);
});

test('NO_PROXY names hosts, domains, ports, or all', () => {
  const isDirect = (url: string, list: string) => of(url, { HTTPS_PROXY: PROXY, NO_PROXY: list }) === null;
  for (const list of [
    '*',
    'tenant.test',
    'test',
    '.tenant.test',
    'a.b, TENANT.TEST',
    '*.test x',
    'tenant.test:443',
  ])
    assert.ok(isDirect('https://tenant.test/', list), list);
  assert.ok(isDirect('https://a.tenant.test/', '.tenant.test'));
  for (const list of ['enant.test', 'other.test', 'tenant.test:8443', ','])
    assert.ok(!isDirect('https://tenant.test/', list), list);
});
