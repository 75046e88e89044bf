/** Which names SharePoint takes (protocol notes 2.10). */
const FORBIDDEN_CHARACTERS = /["*:<>?/\\|\u0000-\u001f]/;
const FORBIDDEN_NAMES = /^(\.lock|desktop\.ini|con|prn|aux|nul|com\d|lpt\d)$/i;

/** Longest name, and longest decoded path from the host's root on. */
export const NAME_LIMIT = 255;
export const PATH_LIMIT = 400;

/** Why a name is refused, or null when it is fine. */
export function nameFault(name: string, place: { readonly atLibraryRoot: boolean }): string | null {
  if (name === '' || name === '.' || name === '..') return 'The name is empty.';
  if (FORBIDDEN_CHARACTERS.test(name)) return 'The name contains characters that are not permitted.';
  if (name.startsWith(' ') || name.endsWith(' ')) return 'The name begins or ends with a space.';
  if (name.endsWith('.')) return 'The name ends with a period.';
  if (name.startsWith('~$')) return 'The name begins with ~$.';
  if (name.toLowerCase().includes('_vti_')) return 'The name contains _vti_.';
  if (FORBIDDEN_NAMES.test(name)) return 'The name is reserved.';
  if (place.atLibraryRoot && name.toLowerCase() === 'forms')
    return 'The name is reserved at the root of a library.';
  return name.length > NAME_LIMIT ? 'The name is too long.' : null;
}
