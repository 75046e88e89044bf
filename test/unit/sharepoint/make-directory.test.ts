/** A folder that is made where another one was removed a moment ago (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import type { HttpRequest } from '../../../src/sharepoint/http/transport.js';
import { makeDirectory } from '../../../src/sharepoint/verbs/make-directory.js';
import { RecentWrites } from '../../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { sharePointDialect } from '../../../src/sharepoint/verbs/sharepoint-dialect.js';
import { Spellings } from '../../../src/sharepoint/verbs/spellings.js';
import { FakeClock } from '../../support/fake-clock.js';

const BULK = { signal: new AbortController().signal, lane: 'bulk' } as const;
const MADE = '15b92016-caba-4f16-b893-3833a61ce8f2';
const REMOVED = 'ef06ad0d-573e-40af-aca0-ca5d2e744192';

/** A front end shows what was removed for that long after the MKCOL. */
async function made(lagMs: number): Promise<string> {
  const clock = new FakeClock();
  const send = async ({ method }: HttpRequest) => {
    const shown = clock.monotonic() < lagMs ? REMOVED : MADE;
    const found = `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/d</D:href><D:propstat><D:prop>
      <D:iscollection>1</D:iscollection><D:getetag>"{${shown}},1"</D:getetag>
      </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`;
    const [status, text] = method === 'MKCOL' ? [201, ''] : [207, found];
    return {
      status,
      headers: {},
      setCookies: [],
      body: replayedBody([Buffer.from(text)]),
      afterDoubt: false,
    };
  };
  const url = (path: string) => new URL(`https://h${path}`);
  const locations = { fileUrl: url, folderUrl: url };
  const recent = new RecentWrites(clock);
  const spellings = new Spellings();
  const remote = { locations, recent, spellings, dav: { send }, clock, dialect: sharePointDialect };
  const options = { ...BULK, isGone: (id: string) => id === REMOVED };
  let isOver = false;
  const making = makeDirectory(remote as unknown as Remote, '/d', options).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.run(50);
  return (await making).id;
}

test('is not taken for that one while a front end still shows it', async () => {
  assert.equal(await made(2_000), MADE);
});

test('is what is there when that can be no lag any more', async () => {
  assert.equal(await made(60_000), REMOVED);
});
