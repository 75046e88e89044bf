import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountNameFor } from '../../../src/cli/account-name.js';
import { type AccountConfig, defaultOptions } from '../../../src/daemon/index.js';

function account(name: string, site: string): AccountConfig {
  return {
    name,
    site,
    method: 'auto',
    username: null,
    clientId: null,
    tenant: null,
    server: 'sharepoint',
    secrets: 'disk',
    signInFolder: null,
    mountpoint: null,
    options: defaultOptions(),
  };
}

test('an account is called after its tenant, a team site after both', () => {
  const name = (site: string) => accountNameFor(site, []);
  assert.equal(name('https://contoso-my.sharepoint.com/personal/u_contoso_com'), 'contoso');
  assert.equal(name('https://contoso.sharepoint.com/sites/marketing'), 'contoso-marketing');
  assert.equal(name('https://contoso.sharepoint.com/teams/A%20B'), 'contoso-A-B');
  assert.equal(name('http://127.0.0.1:8080/personal/user_contoso_com'), 'local');
});

test('a known site keeps its name; a taken name gets a number', () => {
  const site = 'https://contoso-my.sharepoint.com/personal/u_contoso_com';
  assert.equal(accountNameFor(site, [account('work', site)]), 'work');
  const others = [account('contoso', 'https://x.example/'), account('contoso-2', 'https://y.example/')];
  assert.equal(accountNameFor(site, others), 'contoso-3');
});
