/** What rows of the list tell of an item's version, as the switch says (protocol notes 3.4: nobody knows). */
import type { Switches } from '../switches.js';

/** So far a list's own counter is ahead of the file's, where the two are not one. */
const AHEAD = 7;

export function versionFields(version: number, { rowVersions }: Switches): Record<string, string> {
  switch (rowVersions) {
    case 'missing':
      return {};
    case 'other':
      return { owshiddenversion: String(version + AHEAD) };
    case 'counter':
      return { owshiddenversion: String(version) };
    default:
      return { owshiddenversion: String(version), DocConcurrencyNumber: String(version) };
  }
}
