/** What a RequestSecurityToken asks for and with which proof (protocol notes 1b, 1c). */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export interface SecurityTokenRequest {
  readonly action: string;
  readonly userName: string;
  readonly password: string;
  readonly appliesTo: string;
  readonly keyType: string;
  /** The body as it came: an assertion in it counts by its bytes. */
  readonly text: string;
}

const PARSER = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** Null for what is no well-formed SOAP envelope. */
export function readSecurityTokenRequest(text: string): SecurityTokenRequest | null {
  if (XMLValidator.validate(text) !== true) return null;
  const document: unknown = PARSER.parse(text);
  const header = ['Envelope', 'Header'];
  const request = ['Envelope', 'Body', 'RequestSecurityToken'];
  const token = [...header, 'Security', 'UsernameToken'];
  if (nodeAt(document, request) === undefined) return null;
  return {
    action: textAt(document, [...header, 'Action']).trim(),
    userName: textAt(document, [...token, 'Username']).trim(),
    password: textAt(document, [...token, 'Password']),
    appliesTo: textAt(document, [...request, 'AppliesTo', 'EndpointReference', 'Address']).trim(),
    keyType: textAt(document, [...request, 'KeyType']).trim(),
    text,
  };
}

function textAt(document: unknown, path: readonly string[]): string {
  const node = nodeAt(document, path);
  return typeof node === 'string' ? node : '';
}

function nodeAt(document: unknown, path: readonly string[]): unknown {
  let node = document;
  for (const name of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<string, unknown>)[name];
  }
  return node;
}
