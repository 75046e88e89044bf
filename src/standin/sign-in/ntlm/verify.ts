/** Whether an NTLMv2 response proves the password (MS-NLMP 3.3.2). LM and NTLMv1 responses prove nothing here. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { md4 } from './md4.js';
import type { AuthenticateMessage } from './messages.js';

const PROOF_BYTES = 16;
/** An NTLMv1 response is exactly this long; a v2 response carries a blob behind the proof. */
const V1_RESPONSE_BYTES = 24;

export function provesPassword(
  message: AuthenticateMessage,
  serverChallenge: Buffer,
  password: string,
): boolean {
  const { ntResponse, user, domain } = message;
  if (ntResponse.length <= V1_RESPONSE_BYTES) return false;
  const key = hmacMd5(
    md4(Buffer.from(password, 'utf16le')),
    Buffer.from(user.toUpperCase() + domain, 'utf16le'),
  );
  const blob = ntResponse.subarray(PROOF_BYTES);
  const expected = hmacMd5(key, Buffer.concat([serverChallenge, blob]));
  return timingSafeEqual(expected, ntResponse.subarray(0, PROOF_BYTES));
}

function hmacMd5(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}
