/** "A partial answer is never presented as a whole one": what a multistatus says of an item instead of its properties. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import { list } from '../../../src/sharepoint/verbs/list.js';
import { RecentWrites } from '../../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { Spellings } from '../../../src/sharepoint/verbs/spellings.js';
import { stat } from '../../../src/sharepoint/verbs/stat.js';
import { identifyByPath } from '../../../src/sharepoint/wire/dav-item.js';
import { FakeClock } from '../../support/fake-clock.js';
import { plainLocations } from '../../support/plain-locations.js';

const ASKING = { lane: 'interactive', signal: new AbortController().signal } as const;
const FOLDER =
  '<D:response><D:href>/d/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>' +
  '<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>';

/** A server that answers every PROPFIND with this. */
function remoteSaying(responses: string): Remote {
  const body = `<D:multistatus xmlns:D="DAV:">${responses}</D:multistatus>`;
  const send = async () => {
    return { status: 207, headers: {}, setCookies: [], body: replayedBody([Buffer.from(body)]) };
  };
  const locations = plainLocations();
  const dialect = { identify: identifyByPath, trustsEtags: false, capabilities: { caseInsensitive: false } };
  const recent = new RecentWrites(new FakeClock());
  const spellings = new Spellings();
  return { dav: { send }, rest: null, recent, spellings, locations, dialect } as unknown as Remote;
}

const refused = (status: string) =>
  `<D:response><D:href>/d/f</D:href><D:status>HTTP/1.1 ${status}</D:status></D:response>`;

async function listed(responses: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { items } of list(remoteSaying(responses), '/d', ASKING))
    for (const { name } of items) names.push(name);
  return names;
}

test('an item that the server could not tell of is not absent', async () => {
  for (const [status, kind] of [
    ['404 Not Found', 'absent'],
    ['410 Gone', 'absent'],
    ['423 Locked', 'locked'],
    ['403 Forbidden', 'denied'],
    ['503 Busy', 'throttled'],
  ] as const) {
    await assert.rejects(stat(remoteSaying(refused(status)), '/d/f', ASKING), { kind }, status);
  }
});

test('a listing that leaves out more than what is gone, or none of ours to see, is no listing', async () => {
  for (const status of ['404 Not Found', '403 Forbidden']) {
    assert.deepEqual(await listed(FOLDER + refused(status)), [], status);
  }
  for (const status of ['423 Locked', '500 Broken', '507 Truncated']) {
    await assert.rejects(listed(FOLDER + refused(status)), { name: 'DriveError' }, status);
  }
});
