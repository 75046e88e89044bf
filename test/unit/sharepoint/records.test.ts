import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonRecords } from '../../../src/sharepoint/wire/json-records.js';
import { xmlRecords } from '../../../src/sharepoint/wire/xml-records.js';

/** The same text in pieces of each of these sizes. */
const SIZES = [1, 2, 3, 7, 64, 10_000];

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function xml(text: string, size: number): Promise<string[]> {
  const found: string[] = [];
  const options = { record: 'response', root: 'multistatus', longestRecord: 10_000 };
  for await (const batch of xmlRecords(pieces(text, size), options)) found.push(...batch);
  return found;
}

async function json(text: string, size: number): Promise<{ rows: unknown[]; rest: unknown }> {
  const rows: unknown[] = [];
  let rest: unknown;
  for await (const batch of jsonRecords(pieces(text, size), 'Row')) {
    if ('rest' in batch) rest = batch.rest;
    else rows.push(...batch.map((row) => JSON.parse(row)));
  }
  return { rows, rest };
}

test('XML is cut into its records, wherever the pieces end', async () => {
  const records = [
    '<D:response><D:href>/é</D:href></D:response>',
    '<D:response a="b"><D:x><![CDATA[</D:response>]]></D:x></D:response >',
    '<response>\n<responsedescription/></response>',
  ];
  const text = `<?xml version="1.0"?>\n<D:multistatus xmlns:D="DAV:">${records.join('\n ')}</D:multistatus>\n`;
  for (const size of SIZES) assert.deepEqual(await xml(text, size), records, String(size));
});

test('a comment is no record, and ends neither one nor the listing, whatever is in it', async () => {
  const records = [
    '<D:response><!-- </D:response> <D:response> --><D:href>/a</D:href></D:response>',
    '<D:response><![CDATA[<!--]]><?x </D:response>?></D:response>',
  ];
  const odd = '<!-- <D:response> </D:multistatus> -- <![CDATA[ -->';
  const text = `${odd}<D:multistatus xmlns:D="DAV:" xmlns:long="http://schemas.example.com/long">${odd}${records.join(odd)}${odd}`;
  for (const size of SIZES) {
    assert.deepEqual(await xml(`${text}</D:multistatus>${odd}`, size), records, String(size));
    await assert.rejects(xml(text, size), { kind: 'protocol' });
    await assert.rejects(xml(`${text}<!--</D:multistatus>`, size), { kind: 'protocol' });
  }
});

test('an empty multistatus is whole, one that ends early is not', async () => {
  assert.deepEqual(await xml('<a:multistatus xmlns:a="DAV:"/>', 5), []);
  assert.deepEqual(await xml('<a:multistatus></a:multistatus>', 5), []);
  const longTag = `<a:multistatus xmlns:a="DAV:" xmlns:b="http://${'long/'.repeat(40)}" />`;
  assert.deepEqual(await xml(longTag, 5), []);
  for (const text of ['', '<a:multistatus><a:response></a:response>', '<a:multistatus><a:response><x/>']) {
    await assert.rejects(xml(text, 5), { kind: 'protocol' });
  }
});

test('JSON is cut into its rows, wherever the pieces end', async () => {
  const rows = [{ a: 'x}]{"\\' }, { b: { c: [1, { d: ']' }] } }, {}, { é: '😀' }];
  const text = JSON.stringify({ ListData: { First: 1, Row: rows, NextHref: '?a' } });
  for (const size of SIZES) {
    const found = await json(text, size);
    assert.deepEqual(found.rows, rows, String(size));
    assert.deepEqual(found.rest, { ListData: { First: 1, Row: [], NextHref: '?a' } });
  }
  assert.deepEqual(await json('{"error":1}', 3), { rows: [], rest: { error: 1 } });
});

test('JSON that ends early throws', async () => {
  for (const text of ['{"Row":[{"a":1},', '{"Row":[{"a":1}', '{"Row":[]', '{"Ro', '']) {
    await assert.rejects(json(text, 4), { kind: 'protocol' });
  }
});
