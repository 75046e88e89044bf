import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ASKING, modDavDrive } from '../support/drive-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { modDavMissing } from '../support/mod-dav.js';
import { driveContract } from './drive-suite.js';

driveContract('mod_dav', async (context) => (await modDavDrive(context)).drive, { skip: modDavMissing() });

/** More than SharePoint grants in five minutes (protocol notes 4). */
const REQUESTS = 3_200;

test('a server of another make is asked as often as there is need', {
  skip: modDavMissing(),
  timeout: 60_000,
}, async (context) => {
  // No time passes: who has to wait for it waits for ever.
  const { drive } = await modDavDrive(context, { clock: new FakeClock() });
  for (let asked = 0; asked < REQUESTS; asked += 8)
    await Promise.all(Array.from({ length: 8 }, () => drive.stat('/', ASKING)));
});

test('a file whose name is not UTF-8 is read, moved and removed', {
  skip: modDavMissing(),
}, async (context) => {
  const { drive, apache } = await modDavDrive(context);
  const bytes = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  writeFileSync(Buffer.concat([Buffer.from(`${apache.files}/`), bytes]), 'au lait');
  const names: string[] = [];
  for await (const { items } of drive.list('/', ASKING)) names.push(...items.map(({ name }) => name));
  const [shown] = names;
  assert.match(shown!, /^caf%E9~/);
  const { body } = await drive.read(`/${shown}`, ASKING);
  let content = '';
  for await (const chunk of body) content += Buffer.from(chunk);
  assert.equal(content, 'au lait');
  await drive.move(`/${shown}`, '/café', { ...ASKING, overwrite: false });
  assert.deepEqual(readdirSync(apache.files), ['café']);
  await drive.move('/café', `/${shown}`, { ...ASKING, overwrite: false });
  await drive.remove(`/${shown}`, { ...ASKING, kind: 'file' });
  assert.deepEqual(readdirSync(apache.files), []);
});
