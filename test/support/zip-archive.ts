/** An archive with nothing but its directory: what the parts hold is told by their checksums. */
export function archive(parts: Readonly<Record<string, number>>, comment = '', contentBytes = 0): Buffer {
  const directory = Buffer.concat(
    Object.entries(parts).map(([name, checksum]) => {
      const part = Buffer.alloc(46);
      part.writeUInt32LE(0x02014b50, 0);
      part.writeUInt32LE(checksum, 16);
      part.writeUInt16LE(Buffer.byteLength(name), 28);
      return Buffer.concat([part, Buffer.from(name)]);
    }),
  );
  const content = Buffer.from(`PK\x03\x04 ${JSON.stringify(parts)}`.padEnd(contentBytes));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(content.length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([content, directory, end, Buffer.from(comment)]);
}
