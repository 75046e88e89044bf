/** Which library a short address means: asked once, remembered, and right where the site speaks another language. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics, silentLog, systemClock } from '../../src/base/index.js';
import { type LibraryMemory, openDrive } from '../../src/sharepoint/index.js';
import { CookieSession, NEVER, names } from '../support/drive-fixture.js';
import { lastFirst } from '../support/last-first.js';
import { standinFor } from '../support/standin-sign-in.js';

test('a translated library is found by the site, and known without a network afterwards', async (context) => {
  const standin = await standinFor(context, { personalLibrary: 'Dokumente' });
  standin.control.drive().write('brief.txt', Buffer.from('hallo'));
  let kept: string | null = null;
  const library: LibraryMemory = {
    load: () => kept,
    save: (told) => {
      kept = told;
    },
  };
  const open = async (offline: boolean) => {
    const drive = await openDrive({
      siteUrl: standin.url,
      server: 'sharepoint',
      authenticator: new CookieSession(standin),
      clock: systemClock,
      log: silentLog,
      metrics: new Metrics(),
      parallel: 4,
      uploadBytesPerSecond: null,
      downloadBytesPerSecond: null,
      chunkThresholdBytes: 1_000_000,
      library,
      offline,
      signal: NEVER,
    });
    lastFirst(context, () => drive.close());
    return drive;
  };
  const drive = await open(false);
  assert.deepEqual(await names(drive, '/'), ['brief.txt']);
  assert.equal(kept, 'Dokumente');
  const offline = await open(true);
  assert.equal(offline.libraryUrl.href, drive.libraryUrl.href);
});
