/**
 * The value of FedAuth: base64 of UTF-8 with a byte order mark, `<SP>` around comma-separated fields, the expiry at
 * index 5 (protocol notes 1j). Only its outside is meant to be read; whether it is valid is known by the ticket store.
 */
import type { RandomSource } from '../random-source.js';
import { fileTimeOf, LAST_FILETIME } from './filetime.js';

export type FedAuthLayout = 'V5' | 'V13' | 'V99';

export interface FedAuthContent {
  readonly upn: string;
  readonly signedInAtMs: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly address: string;
  readonly tenantId: string;
}

const PASSWORD_AGE_MS = 40 * 86_400_000;
const RECHECK_MS = 26 * 60_000;
const RECHECK_TO_SECOND_MS = (2 * 24 + 23) * 3_600_000;

export function fedAuthValue(layout: FedAuthLayout, content: FedAuthContent, random: RandomSource): string {
  const fields = layout === 'V5' ? fieldsV5(content, random) : fieldsV13(content, random);
  if (layout === 'V99') {
    fields[0] = 'V99';
    fields[5] = random.guid();
  }
  fields.push(random.bytes(256).toString('base64'));
  const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?><SP>${fields.join(',')}</SP>`;
  return Buffer.from(xml, 'utf8').toString('base64');
}

function fieldsV5(content: FedAuthContent, random: RandomSource): string[] {
  const fields = commonFields('V5', content, random, 19);
  fields[6] = '0.0.0.0';
  fields[15] = '0';
  fields[16] = '0';
  return fields;
}

function fieldsV13(content: FedAuthContent, random: RandomSource): string[] {
  const fields = commonFields('V13', content, random, 33);
  const claims = { preferred_username: content.upn, uti: random.bytes(16).toString('base64url') };
  const recheckAtMs = content.issuedAtMs + RECHECK_MS;
  fields[6] = content.address;
  fields[10] = random.guid();
  fields[15] = fileTimeOf(recheckAtMs);
  fields[16] = fileTimeOf(recheckAtMs + RECHECK_TO_SECOND_MS);
  fields[19] = Buffer.from(JSON.stringify({ ...claims, xms_cc: ['CP1'], xms_ssm: '1' })).toString('base64');
  fields[20] = LAST_FILETIME;
  fields[21] = fileTimeOf(content.signedInAtMs + 1_000);
  return fields;
}

function commonFields(
  version: string,
  content: FedAuthContent,
  random: RandomSource,
  count: number,
): string[] {
  const fields: string[] = Array.from({ length: count }, () => '');
  const correlation = random.guid();
  fields[0] = version;
  fields[1] = `0h.f|membership|${random.bytes(8).toString('hex')}@live.com`;
  fields[2] = `0#.f|membership|${content.upn}`;
  fields[3] = fileTimeOf(content.signedInAtMs);
  fields[4] = fileTimeOf(content.signedInAtMs - PASSWORD_AGE_MS);
  fields[5] = fileTimeOf(content.expiresAtMs);
  fields[7] = '2';
  fields[8] = content.tenantId;
  fields[11] = correlation;
  fields[12] = correlation;
  fields[14] = '0';
  return fields;
}
