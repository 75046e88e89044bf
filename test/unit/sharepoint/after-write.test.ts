/** "Read-after-write lag" (protocol notes 5.2.6): what the server said it did is not denied because it is not seen yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import type { HttpRequest } from '../../../src/sharepoint/http/transport.js';
import { makeDirectory } from '../../../src/sharepoint/verbs/make-directory.js';
import { makeEmptyFile } from '../../../src/sharepoint/verbs/make-empty-file.js';
import { move } from '../../../src/sharepoint/verbs/move.js';
import { RecentWrites } from '../../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { FakeClock } from '../../support/fake-clock.js';

const ASKING = { lane: 'bulk', signal: new AbortController().signal } as const;

/** A server that does what it is told, and shows nothing of it. */
function blindRemote(doneStatus = 201): { readonly remote: Remote; readonly waitedMs: () => number } {
  const clock = new FakeClock();
  const startedMs = clock.monotonic();
  const patient = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: async (delayMs: number) => clock.advance(delayMs),
  };
  const url = (path: string) => new URL(path, 'https://contoso.test');
  const send = async ({ method }: HttpRequest) => {
    const status = method === 'PROPFIND' ? 404 : doneStatus;
    return { status, headers: {}, setCookies: [], body: replayedBody([]), afterDoubt: false };
  };
  const remote = {
    clock: patient,
    recent: new RecentWrites(patient as never),
    dav: { send },
    rest: null,
    locations: { fileUrl: url, folderUrl: url },
    dialect: { capabilities: { caseInsensitive: true } },
  } as unknown as Remote;
  return { remote, waitedMs: () => clock.monotonic() - startedMs };
}

test('a folder that was made, a file that was moved, and neither is seen in five seconds: open, not refused', async () => {
  const making = blindRemote();
  await assert.rejects(makeDirectory(making.remote, '/folder', ASKING), { kind: 'unreachable' });
  assert.ok(making.waitedMs() >= 4_000);
  const moving = blindRemote();
  const options = { ...ASKING, overwrite: false };
  await assert.rejects(move(moving.remote, '/a', '/b', options), { kind: 'unreachable' });
});

test('a lock that makes no file: the server does not make empty files that way', async () => {
  await assert.rejects(makeEmptyFile(blindRemote(200).remote, '/empty', ASKING), { kind: 'denied' });
});

test('a file that a lock has made, as the server says, and nobody sees: it is to be looked for', async () => {
  await assert.rejects(makeEmptyFile(blindRemote(201).remote, '/empty', ASKING), { kind: 'absent' });
});

test('a move to where it is, of what is not there: absent, since nothing was written', async () => {
  const options = { ...ASKING, overwrite: false };
  await assert.rejects(move(blindRemote().remote, '/a', '/a', options), { kind: 'absent' });
});
