import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFedAuth } from '../../../../src/sharepoint/auth/fed-auth.js';

const SIGNED_IN = Date.UTC(2026, 10, 22, 1, 20);
const EXPIRES = SIGNED_IN + 86_400_000;

function filetime(unixMs: number): string {
  return String((BigInt(unixMs) + 11_644_473_600_000n) * 10_000n);
}

function cookie(version: string, fields: readonly string[]): string {
  const text = `\uFEFF<?xml version="1.0" encoding="utf-8"?><SP>${[version, ...fields].join(',')}</SP>`;
  return Buffer.from(text, 'utf8').toString('base64');
}

const V5_FIELDS = [
  '0h.f|membership|100320001234abcd@live.com',
  '0#.f|membership|user@contoso.com',
  filetime(SIGNED_IN),
  filetime(SIGNED_IN - 9_000_000_000),
  filetime(EXPIRES),
  '0.0.0.0',
  '2',
  '5a1e0000-0000-4000-8000-000000000001',
];

test('V5 and V13 tell their end at index 5, to the millisecond', () => {
  for (const version of ['V5', 'V13']) {
    const value = cookie(version, [...V5_FIELDS, '', '', 'c2lnbmF0dXJl']);
    assert.ok(value.startsWith('77u/PD94bWwg'));
    assert.deepEqual(readFedAuth(value), { version, expiresAt: EXPIRES, signedInAt: SIGNED_IN });
  }
});

test('a version that nobody knows is a session without a known end', () => {
  assert.deepEqual(readFedAuth(cookie('V99', V5_FIELDS)), {
    version: 'V99',
    expiresAt: null,
    signedInAt: null,
  });
});

test('a value that was cut off tells what is whole, and nothing that may be cut itself', () => {
  const whole = cookie('V13', V5_FIELDS);
  for (let length = 0; length <= whole.length; length += 1) {
    const end = readFedAuth(whole.slice(0, length))?.expiresAt ?? null;
    assert.ok(end === null || end === EXPIRES, `${length}: ${end}`);
  }
  assert.equal(readFedAuth(cookie('V13', V5_FIELDS.slice(0, 5)))?.expiresAt, null);
});

test('numbers that are no plausible instant are ignored', () => {
  for (const odd of ['12345', 'x'.repeat(18), '999999999999999999', filetime(Date.UTC(1999, 0, 1)), '']) {
    const fields = [...V5_FIELDS];
    fields[4] = odd;
    assert.equal(readFedAuth(cookie('V13', fields))?.expiresAt, null, odd);
  }
});

test('what is no FedAuth is null', () => {
  for (const text of [
    '',
    'hello',
    '%%%',
    '77u/',
    Buffer.from('<SP>X1,2</SP>').toString('base64'),
    'A'.repeat(100_000),
  ]) {
    assert.equal(readFedAuth(text), null);
  }
});
