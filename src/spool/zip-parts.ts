/** What an Office document consists of: the names and checksums that are at the end of a ZIP archive (APPNOTE 4.3.12). */

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const END_SIGNATURE = 0x06054b50;
const PART_BYTES = 46;
const PART_SIGNATURE = 0x02014b50;
const IN_ZIP64 = 0xffffffff;

/**
 * CRC-32 by name; null: it is no such archive, or a damaged one. `startsAt`: where in the archive the bytes begin, which go on to
 * its end; null also where its directory begins before that.
 */
export function zipParts(archive: Buffer, startsAt = 0): ReadonlyMap<string, number> | null {
  const end = endOf(archive);
  if (end === null) return null;
  const count = archive.readUInt16LE(end + 10);
  const directoryAt = archive.readUInt32LE(end + 16);
  if (directoryAt === IN_ZIP64 || directoryAt < startsAt) return null;
  let at = directoryAt - startsAt;
  const parts = new Map<string, number>();
  for (let part = 0; part < count; part += 1) {
    if (at + PART_BYTES > end || archive.readUInt32LE(at) !== PART_SIGNATURE) return null;
    const nameBytes = archive.readUInt16LE(at + 28);
    const behind = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const name = archive.toString('utf8', at + PART_BYTES, at + PART_BYTES + nameBytes);
    parts.set(name, archive.readUInt32LE(at + 16));
    at += PART_BYTES + nameBytes + behind;
  }
  return parts;
}

function endOf(archive: Buffer): number | null {
  const last = archive.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at -= 1)
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  return null;
}
