/** Ids of the v2 API: opaque to clients, made here from the GUIDs of drives and items. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Real ids begin with `01` and six characters of the drive. */
const ITEM_PREFIX = '01STANDN';

export function driveIdOf(listId: string): string {
  return `b!${Buffer.from(listId.replace(/-/g, ''), 'hex').toString('base64url')}`;
}

export function itemIdOf(guid: string): string {
  const bytes = Buffer.from(guid.replace(/-/g, ''), 'hex');
  let bits = BigInt(`0x${bytes.toString('hex')}`) << 2n;
  let text = '';
  for (let at = 0; at < 26; at++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return ITEM_PREFIX + text;
}

/** Lower case with hyphens, or null when the id is none of ours. */
export function guidOfItemId(id: string): string | null {
  const upper = id.toUpperCase();
  if (!upper.startsWith(ITEM_PREFIX) || !/^[A-Z2-7]{26}$/.test(upper.slice(ITEM_PREFIX.length))) return null;
  let bits = 0n;
  for (const character of upper.slice(ITEM_PREFIX.length))
    bits = (bits << 5n) | BigInt(ALPHABET.indexOf(character));
  const hex = (bits >> 2n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
