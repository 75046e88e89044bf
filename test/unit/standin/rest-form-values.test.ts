import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFormDate } from '../../../src/standin/rest/form-dates.js';
import { clientFor, decodedUrl, json, type StandinClient } from '../../support/standin-client.js';

const UTC = { order: 'mdy', offsetMinutes: 0, roundsToMinutes: false } as const;

const update = (client: StandinClient, values: Record<string, string>, more: Record<string, unknown> = {}) =>
  client.api(
    'POST',
    `web/GetFileByServerRelativePath(${decodedUrl('/a.txt')})/ListItemAllFields/ValidateUpdateListItem`,
    {
      body: JSON.stringify({
        formValues: Object.entries(values).map(([FieldName, FieldValue]) => ({ FieldName, FieldValue })),
        bNewDocumentUpdate: true,
        checkInComment: null,
        ...more,
      }),
    },
  );

test('T3.7 times are set; every field has its own verdict, and the status is 200', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.txt', 'x');
  const got = await update(
    client,
    { Modified: '11/22/2020 1:20:30 AM', Created: 'yesterday', Colour: 'red' },
    { datesInUTC: true },
  );
  assert.equal(got.status, 200);
  const verdicts = json(got).value as Array<{
    FieldName: string;
    HasException: boolean;
    ErrorMessage: string | null;
  }>;
  assert.deepEqual(
    verdicts.map(({ FieldName, HasException }) => [FieldName, HasException]),
    [
      ['Modified', false],
      ['Created', true],
      ['Colour', true],
    ],
  );
  assert.match(String(verdicts[1]!.ErrorMessage), /valid date/);
  assert.equal(drive.item('a.txt').modifiedMs, Date.UTC(2020, 10, 22, 1, 20, 30));
  assert.equal(drive.item('a.txt').version, 1);
});

test("T3.7 without datesInUTC the site's zone and order count; minutes may be all there is", async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  const modified = () => control.drive().item('a.txt').modifiedMs;
  control.drive().write('a.txt', 'x');
  await update(client, { Modified: '11/22/2020 1:20 AM' });
  assert.equal(modified(), Date.UTC(2020, 10, 22, 9, 20));
  control.set({ siteDateOrder: 'dmy', siteUtcOffsetMinutes: 60, roundFormDatesToMinutes: true });
  await update(client, { Modified: '22.11.2020 01:20:59' });
  assert.equal(modified(), Date.UTC(2020, 10, 22, 0, 20));
});

test('T3.7 an update that ends no upload is a new version; a name in it is a rename', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.txt', 'x', { modifiedMs: 0 });
  await update(client, { Title: 'A title' }, { bNewDocumentUpdate: false });
  assert.equal(control.drive().item('a.txt').version, 2);
  assert.notEqual(control.drive().item('a.txt').modifiedMs, 0);
  control.set({ formUpdateMakesVersion: true });
  await update(client, { Modified: '11/22/2020 1:20 AM' });
  assert.equal(control.drive().item('a.txt').version, 3);
  await update(client, { FileLeafRef: 'b.txt' });
  assert.equal(control.drive().has('b.txt'), true);
  assert.equal((await client.api('POST', 'web/ValidateUpdateListItem', {})).status, 404);
});

test('dates as people and machines write them', () => {
  const at = Date.UTC(2026, 10, 2, 13, 5, 9);
  for (const text of [
    '11/2/2026 1:05:09 PM',
    '11/02/2026 13:05:09',
    '2026-11-02 13:05:09',
    '2026-11-02T13:05:09Z',
  ]) {
    assert.equal(parseFormDate(text, UTC), at, text);
  }
  assert.equal(parseFormDate('2/11/2026 13:05:09', { ...UTC, order: 'dmy' }), at);
  assert.equal(parseFormDate('2026-11-02T14:05:09+01:00', { ...UTC, offsetMinutes: -480 }), at);
  assert.equal(parseFormDate('11/2/2026 12:00 AM', UTC), Date.UTC(2026, 10, 2));
  for (const text of [
    '',
    '13/2/2026',
    '2/30/2026',
    '1/1/1899',
    '11/2/2026 24:00',
    '11/2/2026 13:00 PM',
    'soon',
  ]) {
    assert.equal(parseFormDate(text, UTC), null, text);
  }
});
