/**
 * The name under which a new file that comes in chunks grows beside its place, until it is whole and gets its own:
 * hidden from a plain `ls`, and known by everybody for what it is, so that its coming and going is no news of the folder.
 */
export function partialName(uploadId: string): string {
  return `.odbfs-${uploadId.slice(0, 13)}.part`;
}

const DOT = 0x2e;
const PARTIAL = /^\.odbfs-[0-9a-f]{8}-[0-9a-f]{4}\.part$/;

export function isPartialName(name: string): boolean {
  // A dot is rare, and this is asked for each name of each listing.
  return name.charCodeAt(0) === DOT && PARTIAL.test(name);
}
