import { createHash } from 'node:crypto';

/** What follows the header is padded to this length, as other programs that know the format expect. */
const FILE_BYTES = 1067;

/**
 * A symbolic link as a small file (the "XSym" or Minshall-French form that Samba and macOS read): the word `XSym`, the
 * target's length in four digits, its MD5, the target, then padding; each on a line. A target that does not fit makes
 * the file longer.
 */
export function symlinkFile(target: string): Buffer {
  const bytes = Buffer.from(target);
  const length = String(bytes.length).padStart(4, '0');
  const digest = createHash('md5').update(bytes).digest('hex');
  const head = Buffer.concat([Buffer.from(`XSym\n${length}\n${digest}\n`), bytes, Buffer.from('\n')]);
  const padding = Buffer.alloc(Math.max(0, FILE_BYTES - head.length), ' ');
  return Buffer.concat([head, padding]).subarray(0, Math.max(FILE_BYTES, head.length - 1));
}
