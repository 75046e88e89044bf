/** Local attributes as a row of the journal's table `attributes`, and back. */
import type { LocalAttributes } from './local-attributes.js';
import type { Ino } from './spool.js';

export interface AttributeRow {
  mode: number | null;
  uid: number | null;
  gid: number | null;
  modified_s: number | null;
  modified_ns: number | null;
  accessed_s: number | null;
  accessed_ns: number | null;
  changed_s: number | null;
  changed_ns: number | null;
  born_s: number | null;
  born_ns: number | null;
  symlink: string | null;
  written_size: number | null;
  written_version: string | null;
  pinned: number;
  xattrs: Buffer | null;
  written_at: number | null;
}

type Time = LocalAttributes['modified'];
type Value = number | bigint | string | Buffer | null;

export function rowOf(ino: Ino, attributes: LocalAttributes): Value[] {
  const { written } = attributes;
  return [
    BigInt(ino),
    integer(attributes.mode),
    integer(attributes.uid),
    integer(attributes.gid),
    ...timeValues(attributes.modified),
    ...timeValues(attributes.accessed),
    ...timeValues(attributes.changed),
    ...timeValues(attributes.born),
    attributes.symlinkTarget,
    integer(written?.size ?? null),
    written?.forVersion ?? null,
    attributes.pinned ? 1 : 0,
    attributes.xattrs.size === 0 ? null : encodeXattrs(attributes.xattrs),
    written?.sentAtMs ?? null,
  ];
}

export function attributesOf(row: AttributeRow): LocalAttributes {
  return {
    mode: row.mode,
    uid: row.uid,
    gid: row.gid,
    modified: timeOf(row.modified_s, row.modified_ns),
    accessed: timeOf(row.accessed_s, row.accessed_ns),
    changed: timeOf(row.changed_s, row.changed_ns),
    born: timeOf(row.born_s, row.born_ns),
    symlinkTarget: row.symlink,
    written: writtenOf(row),
    pinned: row.pinned === 1,
    xattrs: row.xattrs === null ? new Map() : decodeXattrs(row.xattrs),
  };
}

function writtenOf({ written_size, written_version, written_at }: AttributeRow): LocalAttributes['written'] {
  if (written_size === null || written_version === null) return null;
  const written = { size: written_size, forVersion: written_version };
  return written_at === null ? written : { ...written, sentAtMs: written_at };
}

/** Numbers beyond 31 bits would be bound as floating point; STRICT tables want integers. */
function integer(value: number | null): bigint | null {
  return value === null ? null : BigInt(Math.trunc(value));
}

function timeValues(time: Time): [bigint | null, bigint | null] {
  return [integer(time?.seconds ?? null), integer(time?.nanoseconds ?? null)];
}

function timeOf(seconds: number | null, nanoseconds: number | null): Time {
  return seconds === null ? null : { seconds, nanoseconds: nanoseconds ?? 0 };
}

/** Pairs of name and value, each behind its length in four bytes, little endian. */
function encodeXattrs(xattrs: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of xattrs) {
    for (const bytes of [Buffer.from(name), value]) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
}

function decodeXattrs(encoded: Buffer): ReadonlyMap<string, Uint8Array> {
  const xattrs = new Map<string, Uint8Array>();
  let at = 0;
  const next = (): Buffer => {
    const end = at + 4 + encoded.readUInt32LE(at);
    const bytes = encoded.subarray(at + 4, end);
    at = end;
    return bytes;
  };
  while (at < encoded.length) {
    const name = next().toString('utf8');
    xattrs.set(name, new Uint8Array(next()));
  }
  return xattrs;
}
