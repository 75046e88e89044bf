/** `odbfs doctor --probe` against servers that differ: each verdict is what that server does, and "unknown" says why. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/base/index.js';
import { probe } from '../../src/sharepoint/index.js';
import type { Switches } from '../../src/standin/index.js';
import { NEVER, put, standinDrive } from '../support/drive-fixture.js';

async function probed(context: TestContext, switches: Partial<Switches>) {
  const { drive } = await standinDrive(context, { standin: { switches } });
  await put(drive, '/a.txt', 'content');
  const { transport, webUrl, libraryUrl } = drive;
  const { answers } = await probe(
    { transport, webUrl, libraryUrl, hasRest: true, clock: systemClock },
    NEVER,
  );
  return new Map(answers.map(({ id, verdict, seen }) => [id, { verdict, seen }]));
}

const TOLD: readonly (readonly [id: string, Partial<Switches>, verdict: string])[] = [
  ['dav-quota', {}, 'no'],
  ['dav-quota', { quotaProperties: true }, 'yes'],
  ['dav-depth-infinity', { depthInfinity: 'refuse' }, 'no'],
  ['dav-range', { ranges: 'ignore' }, 'no'],
  ['rest-usage', { refusedServices: 'usage' }, 'no'],
  ['rest-batch', { refusedServices: '$batch' }, 'no'],
  ['rest-changes', { refusedServices: 'GetChanges' }, 'no'],
  ['rest-changes-since', { refusedServices: 'GetListItemChangesSinceToken' }, 'no'],
  ['rest-list', { refusedServices: 'RenderListDataAsStream' }, 'no'],
  ['rest-list', {}, 'yes'],
  ['v2-by-cookies', {}, 'no'],
  ['v2-by-cookies', { v2Cookies: true }, 'yes'],
];

for (const [id, switches, verdict] of TOLD) {
  test(`${id} with ${JSON.stringify(switches)}: ${verdict}`, async (context) => {
    assert.equal((await probed(context, switches)).get(id)?.verdict, verdict);
  });
}

test('a question that got no answer is unknown, and the report says what came instead', async (context) => {
  const answers = await probed(context, { dropNext: 100, faultMatch: '/_api/site/usage' });
  const { verdict, seen } = answers.get('rest-usage')!;
  assert.deepEqual([verdict, seen.status, seen.failure], ['unknown', 0, 'unreachable']);
});
