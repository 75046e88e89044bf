/** Which failures of a MOVE leave open what became of it: only those of an attempt that the server did not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import type { HttpRequest } from '../../../src/sharepoint/http/transport.js';
import { move, relocate } from '../../../src/sharepoint/verbs/move.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { Spellings } from '../../../src/sharepoint/verbs/spellings.js';
import { FakeClock } from '../../support/fake-clock.js';
import { idMadeBy } from '../../support/lagging-remote.js';

const BULK = { signal: new AbortController().signal, lane: 'bulk', overwrite: false } as const;

/** What is asked when a MOVE fails without an answer, after it went through `steps`. */
async function askedAfter(...steps: readonly ('onAttempt' | 'onAnswer')[]): Promise<string[]> {
  const asked: string[] = [];
  const send = async (request: HttpRequest) => {
    asked.push(request.method);
    if (request.method !== 'MOVE') throw new DriveError('denied', 'looked at');
    for (const step of steps) request[step]?.();
    throw new DriveError('unreachable', 'no answer within 180 s');
  };
  const locations = {
    fileUrl: (path: string) => new URL(`https://h${path}`),
    folderUrl: (path: string) => new URL(`https://h${path}/`),
  };
  const recent = { current: (_path: string, _signal: AbortSignal, ask: () => unknown) => ask() };
  const spellings = new Spellings();
  const remote = { locations, recent, spellings, dav: { send }, clock: new FakeClock() } as unknown as Remote;
  await assert.rejects(relocate(remote, 'MOVE', { from: '/a', to: '/b' }, BULK));
  return asked;
}

test('what was never sent, and what was put off until nobody waited any more, has not happened', async () => {
  assert.deepEqual(await askedAfter(), ['MOVE']);
  assert.deepEqual(await askedAfter('onAttempt', 'onAnswer'), ['MOVE']);
});

test('what the server has and did not answer may have happened: it is looked for', async () => {
  const asked = await askedAfter('onAttempt', 'onAnswer', 'onAttempt');
  assert.ok(asked.length > 1, asked.join());
});

const MOVED = '15B92016-CABA-4F16-B893-3833A61CE8F2';
const REPLACED = 'EF06AD0D-573E-40AF-ACA0-CA5D2E744192';

/** A front end shows what was replaced for that long after the MOVE. */
function movedOver(lagMs: number): Promise<string> {
  const property = '<D:getcontentlength>1</D:getcontentlength>';
  const lagging = {
    method: 'MOVE',
    status: 204,
    lagMs,
    before: REPLACED,
    after: MOVED,
    href: '/b',
    property,
  };
  const options = { ...BULK, overwrite: true, item: MOVED.toLowerCase() };
  return idMadeBy(lagging, (remote) => move(remote, '/a', '/b', options));
}

test('what the item has replaced is not taken for it while a front end still shows that one', async () => {
  assert.equal(await movedOver(2_000), MOVED.toLowerCase());
});

test('what is there after that is what the server moved', async () => {
  assert.equal(await movedOver(60_000), REPLACED.toLowerCase());
});
