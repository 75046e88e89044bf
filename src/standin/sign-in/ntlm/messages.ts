/** The three messages of NTLM as far as a server needs them (MS-NLMP 2.2.1). Numbers are little endian. */

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

const FLAGS = {
  unicode: 0x0000_0001,
  requestTarget: 0x0000_0004,
  ntlm: 0x0000_0200,
  alwaysSign: 0x0000_8000,
  targetIsDomain: 0x0001_0000,
  extendedSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
} as const;

const AV_END = 0;
const AV_COMPUTER = 1;
const AV_DOMAIN = 2;

const CHALLENGE_HEADER_BYTES = 48;
const AUTHENTICATE_HEADER_BYTES = 64;

export interface AuthenticateMessage {
  readonly domain: string;
  readonly user: string;
  readonly ntResponse: Buffer;
}

/** 1, 3, or null for anything that is no message of a client. */
export function messageType(bytes: Buffer): 1 | 3 | null {
  if (bytes.length < 12 || !bytes.subarray(0, 8).equals(SIGNATURE)) return null;
  const type = bytes.readUInt32LE(8);
  return type === 1 || type === 3 ? type : null;
}

export function challengeMessage(serverChallenge: Buffer, domain: string): Buffer {
  const name = Buffer.from(domain, 'utf16le');
  const info = targetInfo(domain);
  const header = Buffer.alloc(CHALLENGE_HEADER_BYTES);
  SIGNATURE.copy(header);
  header.writeUInt32LE(2, 8);
  writeField(header, 12, name.length, CHALLENGE_HEADER_BYTES);
  header.writeUInt32LE(
    Object.values(FLAGS).reduce((all, flag) => (all | flag) >>> 0, 0),
    20,
  );
  serverChallenge.copy(header, 24);
  writeField(header, 40, info.length, CHALLENGE_HEADER_BYTES + name.length);
  return Buffer.concat([header, name, info]);
}

/** Null when the message is cut short or its fields point outside of it. */
export function readAuthenticate(bytes: Buffer): AuthenticateMessage | null {
  if (bytes.length < AUTHENTICATE_HEADER_BYTES) return null;
  const ntResponse = readField(bytes, 20);
  const domain = readField(bytes, 28);
  const user = readField(bytes, 36);
  if (ntResponse === null || domain === null || user === null) return null;
  const encoding = (bytes.readUInt32LE(60) & FLAGS.unicode) !== 0 ? 'utf16le' : 'latin1';
  return { domain: domain.toString(encoding), user: user.toString(encoding), ntResponse };
}

function targetInfo(domain: string): Buffer {
  return Buffer.concat([
    avPair(AV_DOMAIN, Buffer.from(domain, 'utf16le')),
    avPair(AV_COMPUTER, Buffer.from('STANDIN', 'utf16le')),
    avPair(AV_END, Buffer.alloc(0)),
  ]);
}

function avPair(id: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(id, 0);
  header.writeUInt16LE(value.length, 2);
  return Buffer.concat([header, value]);
}

/** Length, allocated length, offset. */
function writeField(header: Buffer, at: number, length: number, offset: number): void {
  header.writeUInt16LE(length, at);
  header.writeUInt16LE(length, at + 2);
  header.writeUInt32LE(offset, at + 4);
}

function readField(bytes: Buffer, at: number): Buffer | null {
  const length = bytes.readUInt16LE(at);
  const offset = bytes.readUInt32LE(at + 4);
  return offset + length > bytes.length ? null : bytes.subarray(offset, offset + length);
}
