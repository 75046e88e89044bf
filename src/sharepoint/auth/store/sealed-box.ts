/**
 * Authenticated encryption of small secrets: AES-256-GCM from Node's own crypto, a fresh nonce each time, the readable
 * header bound in. Knows neither files nor where keys come from.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Where the key lives; written in the clear in front of what is sealed, so that a reader asks the right place. */
export type KeySource = 'keyring' | 'credential' | 'file';

const MAGIC = 'odbfs-sealed-1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** Thrown when bytes are not a sealed box, were changed, or were sealed with another key. */
export class BrokenSeal extends Error {
  override readonly name = 'BrokenSeal';
}

export function seal(plain: Buffer, key: Buffer, source: KeySource): Buffer {
  const header = Buffer.from(`${MAGIC} ${source}\n`);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, nonce, sealed, cipher.getAuthTag()]);
}

/** Which source has the key; throws `BrokenSeal` when these are not our bytes. */
export function keySourceOf(box: Buffer): KeySource {
  const match = /^odbfs-sealed-1 (keyring|credential|file)\n/.exec(box.subarray(0, 64).toString('latin1'));
  if (!match) throw new BrokenSeal('not a sealed file');
  return match[1] as KeySource;
}

export function open(box: Buffer, key: Buffer): Buffer {
  const headerEnd = MAGIC.length + 1 + keySourceOf(box).length + 1;
  const nonceEnd = headerEnd + NONCE_BYTES;
  if (box.length < nonceEnd + TAG_BYTES) throw new BrokenSeal('the sealed file is cut off');
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(headerEnd, nonceEnd));
  decipher.setAAD(box.subarray(0, headerEnd));
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(box.subarray(nonceEnd, box.length - TAG_BYTES)), decipher.final()]);
  } catch {
    throw new BrokenSeal('the sealed file was changed, or sealed with another key');
  }
}
