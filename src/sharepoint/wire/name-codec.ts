/**
 * Names on the wire against names as applications see them. What SharePoint refuses (protocol notes 2.10) is stored
 * under look-alike characters; a quote sign marks characters that mean themselves, and breaks up reserved words.
 *
 * The two directions are a bijection between all names ("." and ".." are none) and all names that the server takes:
 * every name can be stored, every stored name can be shown, decode(encode(name)) = name, encode(decode(wire)) = wire,
 * and no two collide. A name that is legal there and does not look encoded is never touched.
 */
export interface NameCodec {
  encode(name: string): string;
  decode(wireName: string): string;
}

/** For servers that take every name. */
export const plainNames: NameCodec = { encode: (name) => name, decode: (wireName) => wireName };

const QUOTE = '\u201b';
const SPACE = ' ';

/** Always replaced: the forbidden characters and the control characters. */
const LOOK_ALIKES = new Map<string, string>([
  ['"', '\uff02'],
  ['*', '\uff0a'],
  [':', '\uff1a'],
  ['<', '\uff1c'],
  ['>', '\uff1e'],
  ['?', '\uff1f'],
  ['\\', '\uff3c'],
  ['|', '\uff5c'],
  ['\u007f', '\u2421'],
]);
for (let code = 1; code < 0x20; code++)
  LOOK_ALIKES.set(String.fromCharCode(code), String.fromCharCode(0x2400 + code));

/** Replaced only where they stand at an end of the name. */
const SPACE_SIGN = '\u2420';
const DOT_SIGN = '\uff0e';
const TILDE_SIGN = '\uff5e';

const ORIGINALS = new Map<string, string>([...LOOK_ALIKES].map(([character, sign]) => [sign, character]));
ORIGINALS.set(SPACE_SIGN, SPACE).set(DOT_SIGN, '.').set(TILDE_SIGN, '~');

const FORBIDDEN = /["*:<>?\\|\u0001-\u001f\u007f]/;
const RESERVED = /^(\.lock|desktop\.ini|con|prn|aux|nul|com[0-9]|lpt[0-9])$/i;
const INNER_RESERVED = /_vti_/i;
/** Here these are no names: whatever looks like them on the wire is shown as it is. */
const IS_NO_NAME = /^\.{1,2}$/;
/** What marks a name that decoding might change. */
const SIGNS = new RegExp(`[${QUOTE}${[...ORIGINALS.keys()].join('')}]`);

/** Everywhere in a library. */
export const sharePointNames = codecFor(RESERVED);

/** At the top of a library, where one more name is the server's own (protocol notes 2.10). */
export const sharePointTopNames = codecFor(new RegExp(`${RESERVED.source}|^forms$`, 'i'));

/** A folder of the server's own, as a library's top has one: never shown, and no name of ours. */
export function isServersOwnAtTop(wireName: string): boolean {
  return wireName.toLowerCase() === 'forms';
}

function codecFor(reserved: RegExp): NameCodec {
  const escaped = (name: string): string => {
    const wireName = withSigns(name);
    return reserved.test(wireName) ? QUOTE + wireName : wireName;
  };
  /** The server takes it, and it is not how another name is stored. */
  const isPlain = (name: string): boolean => {
    if (!isLegal(name) || reserved.test(name)) return false;
    if (!SIGNS.test(name)) return true;
    const other = unescaped(name);
    return other === name || !isStoredAs(other, name);
  };
  /** Unescaping makes a name shorter or plainer each time, so that this ends. */
  const isStoredAs = (name: string, wireName: string): boolean =>
    !IS_NO_NAME.test(name) && escaped(name) === wireName && !isPlain(name);
  return {
    encode: (name) => (isPlain(name) ? name : escaped(name)),
    decode: (wireName) => {
      if (!SIGNS.test(wireName)) return wireName;
      const name = unescaped(wireName);
      return name !== wireName && isStoredAs(name, wireName) ? name : wireName;
    },
  };
}

function isLegal(name: string): boolean {
  return !(
    FORBIDDEN.test(name) ||
    name.startsWith(SPACE) ||
    name.startsWith('~$') ||
    name.endsWith(SPACE) ||
    name.endsWith('.') ||
    INNER_RESERVED.test(name)
  );
}

function withSigns(name: string): string {
  const lastIndex = name.length - 1;
  let wireName = '';
  for (let at = 0; at <= lastIndex; at++) wireName += escapedAt(name, at, lastIndex);
  return wireName.replace(/_(?=vti_)/gi, `_${QUOTE}`);
}

function escapedAt(name: string, at: number, lastIndex: number): string {
  const character = name[at]!;
  if (character === QUOTE || ORIGINALS.has(character)) return QUOTE + character;
  if (character === SPACE && (at === 0 || at === lastIndex)) return SPACE_SIGN;
  if (character === '.' && at === lastIndex) return DOT_SIGN;
  if (character === '~' && at === 0 && name[1] === '$') return TILDE_SIGN;
  return LOOK_ALIKES.get(character) ?? character;
}

function unescaped(wireName: string): string {
  let name = '';
  for (let at = 0; at < wireName.length; at++) {
    const character = wireName[at]!;
    if (character === QUOTE && at + 1 < wireName.length) {
      at += 1;
      name += wireName[at];
    } else {
      name += ORIGINALS.get(character) ?? character;
    }
  }
  return name;
}
