/**
 * Between the look at what is there and the request that relies on it somebody may be faster: the request waits for a
 * pause, and he does not.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { StandinOptions } from '../../src/standin/index.js';
import { eventually } from '../support/cli-account.js';
import { BULK, kind, names, payloadOf, put, readText, standinDrive } from '../support/drive-fixture.js';

/** Once, to such a request and to no other; what it makes us wait is longer than a look holds. */
const refusing = (faultMatch: string) => ({ failNext: 1, failStatus: 503, faultMatch });

const MEGABYTE = 1024 * 1024;
/** What goes over what is there by such a request. */
const CONTENTS = { PUT: 'ours', AddUsingPath: '', FinishUpload: Buffer.alloc(2 * MEGABYTE, 'ours') };

/** What the server does with conditions. */
const SERVERS: Readonly<Record<string, NonNullable<StandinOptions['switches']>>> = {
  'heeds no condition': { honourIfMatch: false },
  'compares ETags to the letter, in its own spelling': { honourIfMatch: true, lowerCaseEtags: true },
  'heeds conditions': { honourIfMatch: true },
  'heeds conditions, and shows the state before for a while': { honourIfMatch: true, staleVersionMs: 1_500 },
};

for (const [server, switches] of Object.entries(SERVERS))
  describe(`a server that ${server}`, { concurrency: true }, () => {
    const waiting = async (context: TestContext, request: keyof typeof CONTENTS | 'DELETE') => {
      const chunks = { chunkThresholdBytes: MEGABYTE, chunkBytes: MEGABYTE };
      const { drive, standin } = await standinDrive(context, { standin: { switches }, ...chunks });
      // What the server does with conditions is known by then.
      const before = { base: { version: (await put(drive, '/a.txt', 'first')).version }, modifiedMs: 0 };
      const { version } = await drive.upload('/a.txt', payloadOf('second'), { ...BULK, ...before });
      standin.control.set(refusing(request));
      const waits =
        request === 'DELETE'
          ? drive.remove('/a.txt', { ...BULK, kind: 'file', version })
          : drive.upload('/a.txt', payloadOf(CONTENTS[request]), {
              ...BULK,
              base: { version },
              modifiedMs: 0,
            });
      const outcome = assert.rejects(waits, kind('changed'));
      await eventually(async () => standin.control.log.entries.some(({ status }) => status === 503));
      standin.control.drive().write('a.txt', 'theirs');
      await outcome;
      assert.equal(await readText(drive, '/a.txt'), 'theirs');
    };

    // The other two have no condition: what no front end shows yet can't be seen before.
    const requests = switches.staleVersionMs
      ? (['PUT'] as const)
      : (['PUT', 'AddUsingPath', 'FinishUpload'] as const);
    for (const request of requests)
      test(`an edit that came while ${request} waited is not overwritten`, (t) => waiting(t, request));
    test('an edit that came while its removal waited stays', (t) => waiting(t, 'DELETE'));

    test('where nobody is faster, what waits goes through', async (context) => {
      const { drive, standin } = await standinDrive(context, { standin: { switches } });
      const base = { version: (await put(drive, '/a.txt', 'first')).version };
      standin.control.set(refusing('PUT'));
      const options = { ...BULK, base, modifiedMs: 0 };
      const { version } = await drive.upload('/a.txt', payloadOf('second'), options);
      assert.equal(await readText(drive, '/a.txt'), 'second');
      assert.equal(await drive.remove('/a.txt', { ...BULK, kind: 'file', version }), true);
      assert.deepEqual(await names(drive, '/'), []);
    });
  });
