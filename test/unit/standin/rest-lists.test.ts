import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, json, LIBRARY, type StandinClient } from '../../support/standin-client.js';

const LIST = `web/GetList(@l)/METHOD?@l='${encodeURIComponent(LIBRARY)}'`;
const DAY_MS = 86_400_000;

type Row = Readonly<Record<string, string>>;

async function render(client: StandinClient, parameters: Record<string, unknown>) {
  const got = await client.api('POST', LIST.replace('METHOD', 'RenderListDataAsStream'), {
    body: JSON.stringify({ parameters }),
  });
  assert.equal(got.status, 200, got.text);
  return json(got) as { Row: Row[]; NextHref?: string; ListData: { Row: Row[] }; ListSchema: Row };
}

async function changesSince(client: StandinClient, token: string | null, more: Record<string, string> = {}) {
  const query = { ...(token === null ? {} : { ChangeToken: token }), ...more };
  return client.api('POST', LIST.replace('METHOD', 'GetListItemChangesSinceToken'), {
    body: JSON.stringify({ query }),
  });
}

const lastToken = (xml: string) => /LastChangeToken="([^"]+)"/.exec(xml)?.[1] ?? '';

test('T3.6 RenderListDataAsStream pages through everything, recursively or not', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('f/g/deep.txt', '123', { modifiedMs: Date.UTC(2020, 0, 2, 3, 4, 5) });
  for (const name of ['a', 'b', 'c']) drive.write(`${name}.txt`, name);
  const ViewXml = '<View Scope="RecursiveAll"><RowLimit Paged="TRUE">2</RowLimit></View>';
  const seen: string[] = [];
  let Paging: string | undefined;
  do {
    const page = await render(client, {
      RenderOptions: 2,
      ViewXml,
      DatesInUtc: true,
      ...(Paging && { Paging }),
    });
    assert.ok(page.Row.length <= 2);
    seen.push(...page.Row.map((row) => row.FileRef!));
    Paging = page.NextHref?.slice(1);
  } while (Paging !== undefined);
  assert.deepEqual(
    seen.sort(),
    ['a.txt', 'b.txt', 'c.txt', 'f', 'f/g', 'f/g/deep.txt'].map((path) => `${LIBRARY}/${path}`),
  );
  const flat = await render(client, { FolderServerRelativeUrl: `${LIBRARY}/f/g` });
  assert.equal(flat.Row.length, 1);
  const row = flat.Row[0]!;
  assert.equal(row.FSObjType, '0');
  assert.match(row.UniqueId!, /^\{[0-9A-F-]{36}\}$/);
  assert.equal(row['Modified.'], '2020-01-02T03:04:05Z');
  assert.equal(row.Modified, '1/1/2020 7:04 PM');
  assert.equal(row.SMTotalFileStreamSize, '3');
});

test('T3.6 the token for the v2 API is there, unless a switch takes it away; thresholds', async (t) => {
  const client = await clientFor(t);
  const withSchema = await render(client, { RenderOptions: 2 | 4 });
  assert.match(withSchema.ListSchema['.driveUrl']!, /\/_api\/v2\.0\/drives\/b!/);
  assert.match(withSchema.ListSchema['.driveAccessToken']!, /^access_token=/);
  client.standin.control.set({ driveAccessToken: false });
  assert.equal((await render(client, { RenderOptions: 2 | 4 })).ListSchema['.driveAccessToken'], undefined);
  const tooMany = await client.api('POST', LIST.replace('METHOD', 'RenderListDataAsStream'), {
    body: JSON.stringify({ parameters: { ViewXml: '<View><RowLimit>5001</RowLimit></View>' } }),
  });
  assert.equal(tooMany.status, 500);
  assert.match(tooMany.text, /SPQueryThrottledException/);
});

test('T3.6 GetListItemChangesSinceToken: the whole list in pages, then only what changed', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  for (const path of ['f/a.txt', 'f/b.txt', 'c & d.txt']) drive.write(path, 'x');
  const options = (next: string) =>
    `<QueryOptions><ViewAttributes Scope="RecursiveAll"/>${next && `<Paging ListItemCollectionPositionNext="${next}"/>`}</QueryOptions>`;
  const first = (await changesSince(client, null, { RowLimit: '3', QueryOptions: options('') })).text;
  assert.match(first, /ItemCount="3" ListItemCollectionPositionNext="Paged=TRUE&amp;p_ID=3"/);
  const rest = (
    await changesSince(client, null, { RowLimit: '3', QueryOptions: options('Paged=TRUE&amp;p_ID=3') })
  ).text;
  assert.match(rest, /ItemCount="1"/);
  assert.match(rest, /ows_FileRef="4;#personal\/user_contoso_com\/Documents\/c &amp; d\.txt"/);
  const token = lastToken(first);
  drive.write('f/a.txt', 'changed');
  drive.remove('c & d.txt');
  drive.move('f/b.txt', 'b2.txt');
  const changed = (await changesSince(client, token)).text;
  assert.match(changed, /<Id ChangeType="Delete" UniqueId="[0-9a-f-]{36}">4<\/Id>/);
  assert.match(changed, /<Id ChangeType="Rename" UniqueId="[0-9a-f-]{36}">3<\/Id>/);
  assert.match(changed, /ItemCount="2"/);
  assert.match((await changesSince(client, lastToken(changed))).text, /ItemCount="0"/);
  const partly = (await changesSince(client, token, { RowLimit: '1' })).text;
  assert.match(partly, /MoreChanges="TRUE"/);
  assert.match((await changesSince(client, lastToken(partly))).text, /ChangeType="Delete"/);
});

test('T3.6 tokens that are too old, or wrong, or no plain text', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  const token = lastToken((await changesSince(client, null)).text);
  const ask = async (text: string | object) => {
    client.signIn();
    const body = JSON.stringify({ query: { ChangeToken: text } });
    return client.api('POST', LIST.replace('METHOD', 'GetListItemChangesSinceToken'), { body });
  };
  control.clock.advance(59 * DAY_MS);
  assert.equal((await ask(token)).status, 200);
  control.clock.advance(2 * DAY_MS);
  assert.equal((await ask(token)).status, 400);
  assert.equal((await ask('1;3;nonsense')).status, 400);
  control.set({ expiredListToken: 'invalid-token' });
  assert.match((await ask(token)).text, /<Id ChangeType="InvalidToken"\/>/);
  assert.equal((await ask({ StringValue: token })).status, 400);
});

test('T3.6 GetChanges tells every change by its type, with a token of its own', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  const drive = control.drive();
  const all = { Add: true, Update: true, DeleteObject: true, Move: true, Rename: true, Restore: true };
  const ask = async (query: Record<string, unknown>) => {
    const got = await client.api('POST', LIST.replace('METHOD', 'GetChanges'), {
      body: JSON.stringify({ query }),
    });
    assert.equal(got.status, 200, got.text);
    return json(got).value as Array<{
      ChangeType: number;
      UniqueId: string;
      ChangeToken: { StringValue: string };
    }>;
  };
  drive.write('a.txt', 'x');
  drive.write('a.txt', 'y');
  drive.makeFolder('f');
  control.set({ moveChange: 'away-into' });
  drive.move('a.txt', 'f/a.txt');
  drive.move('f/a.txt', 'f/b.txt');
  const id = (await control.tree()).find((entry) => entry.path === 'f/b.txt')!.id;
  drive.remove('f/b.txt');
  drive.restore(id);
  const changes = await ask({ Item: true, ...all });
  const ofFile = changes.filter((change) => change.UniqueId === id);
  assert.deepEqual(
    ofFile.map((change) => change.ChangeType),
    [1, 2, 5, 6, 4, 3, 7],
  );
  const later = await ask({ Item: true, ...all, ChangeTokenStart: ofFile[1]!.ChangeToken });
  assert.deepEqual(
    later.map((change) => change.ChangeType),
    [1, 5, 6, 4, 3, 7],
  );
  assert.equal((await ask({ Item: true, ...all, FetchLimit: '2' })).length, 2);
  assert.deepEqual(
    (await ask({ Folder: true, ...all })).map((change) => change.ChangeType),
    [1],
  );
  assert.deepEqual(
    (await ask({ Item: true, DeleteObject: true })).map((change) => change.ChangeType),
    [3],
  );
});
