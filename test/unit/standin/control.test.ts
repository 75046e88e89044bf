import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SWITCHES, type SwitchName } from '../../../src/standin/index.js';
import { clientFor, json, type StandinClient } from '../../support/standin-client.js';

async function ask(client: StandinClient, command: string, given: object = {}) {
  const got = await client.send('POST', `/__standin/${command}`, {
    body: JSON.stringify(given),
    signedIn: false,
  });
  return { status: got.status, ...json(got) } as { status: number; result: unknown; error: string };
}

test('other processes control it over HTTP: seeds, edits, trees', async (t) => {
  const client = await clientFor(t);
  const seeds = [
    { path: 'a.txt', text: 'x' },
    { path: 'f', folder: true },
    { path: 'b.bin', size: 10, pattern: 3 },
  ];
  await ask(client, 'seed', { entries: seeds, fill: { folders: 1, filesPerFolder: 2, size: 1 } });
  await ask(client, 'write', {
    path: 'f/c.txt',
    base64: Buffer.from('bytes').toString('base64'),
    modifiedMs: 1000,
  });
  await ask(client, 'move', { path: 'a.txt', to: 'f/a.txt' });
  await ask(client, 'remove', { path: 'b.bin' });
  const tree = (await ask(client, 'tree', { hash: true })).result as Array<Record<string, unknown>>;
  assert.deepEqual(
    tree.map((entry) => entry.path),
    [
      'f',
      'f/a.txt',
      'f/c.txt',
      'folder-000000',
      'folder-000000/file-000000.bin',
      'folder-000000/file-000001.bin',
    ],
  );
  assert.equal(tree[2]!.modifiedMs, 1000);
  assert.match(String(tree[2]!.sha256), /^[0-9a-f]{64}$/);
  const read = await ask(client, 'read', { path: 'f/c.txt' });
  assert.equal(Buffer.from(String(read.result), 'base64').toString(), 'bytes');
  await ask(client, 'write', { site: '/sites/team', path: 'team.txt', text: 'x' });
  assert.equal(((await ask(client, 'tree', { site: '/sites/team' })).result as unknown[]).length, 1);
});

test('switches, clock, log, storms and sessions over HTTP', async (t) => {
  const client = await clientFor(t);
  await ask(client, 'switches', { switches: { latencyMs: 1, hrefs: 'relative' } });
  assert.equal(client.standin.control.switches.hrefs, 'relative');
  const wrong = await ask(client, 'switches', { switches: { hrefs: 'sideways' } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.error, /switch hrefs cannot be "sideways"/);
  assert.match(
    (await ask(client, 'switches', { switches: { nonsense: 1 } })).error,
    /no switch is called nonsense/,
  );
  await ask(client, 'clock', { nowMs: 5_000, frozen: true });
  assert.deepEqual((await ask(client, 'clock', { byMs: 7 })).result, { nowMs: 5_007 });
  await ask(client, 'clock', { frozen: false, nowMs: Date.now() });
  await client.dav('HEAD', '/');
  await ask(client, 'storm', { count: 1 });
  assert.equal((await client.dav('HEAD', '/')).status, 429);
  await ask(client, 'expire', { what: 'cookies' });
  assert.equal((await client.dav('HEAD', '/')).status, 403);
  const counts = (await ask(client, 'counts')).result as { byStatus: Record<string, number> };
  assert.deepEqual(counts.byStatus, { 200: 1, 403: 1, 429: 1 });
  await ask(client, 'clear-log');
  assert.equal(((await ask(client, 'log')).result as unknown[]).length, 0);
  assert.match(String((await ask(client, 'cookies')).result), /^FedAuth=/);
  assert.match((await ask(client, 'nonsense')).error, /commands are/);
});

test('without its control endpoint a stand-in is only a server', async (t) => {
  const client = await clientFor(t, { control: false });
  assert.equal((await client.send('POST', '/__standin/tree', { body: '{}' })).status, 404);
});

test('every switch is described, and its hostile value is one it takes', async (t) => {
  const client = await clientFor(t, { profile: 'hostile' });
  for (const [name, definition] of Object.entries(SWITCHES)) {
    assert.ok(definition.doc.length > 10, name);
    client.standin.control.set({ [name]: client.standin.control.switches[name as SwitchName] });
  }
});
