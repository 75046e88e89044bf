/**
 * "`odbfs doctor --probe` ... stores the capabilities found; the daemon uses capabilities": what a tenant was found to
 * refuse is never asked for by the mount, and everything works by the other ways.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliAccount, eventually, expectDone } from '../support/cli-account.js';

const REFUSED = ['GetListItemChangesSinceToken', '$batch', 'usage'] as const;

async function operations(account: CliAccount): Promise<string[]> {
  const { byOperation } = await account.server.control<{ byOperation: Record<string, number> }>('counts');
  return Object.keys(byOperation);
}

test('what the probe found to be refused is not asked for by the mount', { timeout: 120_000 }, async (t) => {
  const account = await CliAccount.signedIn(t);
  const switches = { refusedServices: REFUSED.join(','), quotaProperties: true, quotaBytes: 1_000_000_000 };
  await account.server.control('switches', { switches });
  await account.server.control('write', { path: 'theirs', text: 'one' });
  const probed = await account.home.run(['doctor', '--probe']);
  assert.match(probed.out, /"id": "rest-batch",\s+"question": [^\n]+\s+"verdict": "no"/);
  assert.match(probed.out, /"id": "dav-quota",\s+"question": [^\n]+\s+"verdict": "yes"/);
  await account.server.control('clear-log');
  await account.mount();
  await eventually(async () => (await account.status()).tree.complete);
  assert.equal(
    (await account.shell('cat theirs; mkdir d; cp -p theirs d/a; cp -p theirs d/b; cp -p theirs d/c')).out,
    'one',
  );
  expectDone(await account.home.run(['flush', account.mountpoint]));
  await account.server.control('write', { path: 'theirs', text: 'two' });
  await eventually(async () => (await account.shell('cat theirs')).out === 'two', 60_000);
  const size = await account.shell('stat -f -c "%b %S" .');
  const [blocks, blockBytes] = size.out.split(' ').map(Number);
  assert.ok(Math.abs(blocks! * blockBytes! - 1_000_000_000) < 1_000_000, size.out);
  const asked = await operations(account);
  assert.ok(
    asked.some((name) => name.endsWith(' GetChanges')),
    asked.join(),
  );
  for (const service of REFUSED) {
    assert.deepEqual(
      asked.filter((name) => name.endsWith(` ${service}`)),
      [],
      `${service} is asked for in vain`,
    );
  }
});
