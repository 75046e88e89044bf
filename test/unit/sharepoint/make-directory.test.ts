/** A folder that is made where another one was removed a moment ago (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDirectory } from '../../../src/sharepoint/verbs/make-directory.js';
import { idMadeBy } from '../../support/lagging-remote.js';

const BULK = { signal: new AbortController().signal, lane: 'bulk' } as const;
const MADE = '15b92016-caba-4f16-b893-3833a61ce8f2';
const REMOVED = 'ef06ad0d-573e-40af-aca0-ca5d2e744192';

/** A front end shows what was removed for that long after the MKCOL. */
function made(lagMs: number): Promise<string> {
  const property = '<D:iscollection>1</D:iscollection>';
  const lagging = { method: 'MKCOL', status: 201, lagMs, before: REMOVED, after: MADE, href: '/d', property };
  const options = { ...BULK, isGone: (id: string) => id === REMOVED };
  return idMadeBy(lagging, (remote) => makeDirectory(remote, '/d', options));
}

test('is not taken for that one while a front end still shows it', async () => {
  assert.equal(await made(2_000), MADE);
});

test('is what is there when that can be no lag any more', async () => {
  assert.equal(await made(60_000), REMOVED);
});
