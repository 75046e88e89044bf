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
