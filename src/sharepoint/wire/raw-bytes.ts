/**
 * Names of a server of files that are not UTF-8. In a wire name each such byte is one unit that stands for no character
 * (a lone surrogate from U+DC80 on, as Python's `surrogateescape` has it), so that the very bytes go back to the server; what
 * is shown of it is `%XX`.
 */

const FIRST_UNIT = 0xdc00;
const RAW_BYTE = /[\udc80-\udcff]/gu;
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What the bytes say, character by character. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOfCharacter(bytes[at]!);
    try {
      text += UTF_8.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(FIRST_UNIT + bytes[at]!);
      at += 1;
    }
  }
  return text;
}

/** The name with each such byte as `%XX`: for people, and as it is in a URL. */
export function withRawBytes(name: string): string {
  return name.replace(RAW_BYTE, (unit) => {
    const byte = unit.charCodeAt(0) - FIRST_UNIT;
    return `%${byte.toString(16).toUpperCase()}`;
  });
}

/** The parts of a name between such bytes, each with what follows it. */
export function splitAtRawBytes(name: string): readonly (readonly [text: string, rawByte: string])[] {
  const parts: [string, string][] = [];
  let at = 0;
  for (const { index, 0: unit } of name.matchAll(RAW_BYTE)) {
    parts.push([name.slice(at, index), withRawBytes(unit)]);
    at = index + unit.length;
  }
  return [...parts, [name.slice(at), '']];
}

/** Of one that begins with this byte (RFC 3629). */
function lengthOfCharacter(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
