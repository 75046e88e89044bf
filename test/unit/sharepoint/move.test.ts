/** Which failures of a MOVE leave open what became of it: only those of an attempt that the server did not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import type { HttpRequest } from '../../../src/sharepoint/http/transport.js';
import { move, relocate } from '../../../src/sharepoint/verbs/move.js';
import { RecentWrites } from '../../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { sharePointDialect } from '../../../src/sharepoint/verbs/sharepoint-dialect.js';
import { Spellings } from '../../../src/sharepoint/verbs/spellings.js';
import { FakeClock } from '../../support/fake-clock.js';

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
async function movedOver(lagMs: number): Promise<string> {
  const clock = new FakeClock();
  const send = async ({ method }: HttpRequest) => {
    const shown = clock.monotonic() < lagMs ? REPLACED : MOVED;
    const found = `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/b</D:href><D:propstat><D:prop>
      <D:getcontentlength>1</D:getcontentlength><D:getetag>"{${shown}},1"</D:getetag>
      </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`;
    const [status, text] = method === 'MOVE' ? [204, ''] : [207, found];
    return {
      status,
      headers: {},
      setCookies: [],
      body: replayedBody([Buffer.from(text)]),
      afterDoubt: false,
    };
  };
  const locations = {
    fileUrl: (path: string) => new URL(`https://h${path}`),
    folderUrl: (path: string) => new URL(`https://h${path}/`),
  };
  const recent = new RecentWrites(clock);
  const spellings = new Spellings();
  const remote = {
    locations,
    recent,
    spellings,
    dav: { send },
    clock,
    moved: null,
    dialect: sharePointDialect,
  };
  const options = { ...BULK, overwrite: true, item: MOVED.toLowerCase() };
  let isOver = false;
  const moving = move(remote as unknown as Remote, '/a', '/b', options).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.run(50);
  return (await moving).id;
}

test('what the item has replaced is not taken for it while a front end still shows that one', async () => {
  assert.equal(await movedOver(2_000), MOVED.toLowerCase());
});

test('what is there after that is what the server moved', async () => {
  assert.equal(await movedOver(60_000), REPLACED.toLowerCase());
});
