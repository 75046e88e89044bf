import type { World } from './world.js';

/** `"{GUID},N"` as this server spells it. Its own comparisons are to the letter. */
export function etagText({ switches }: World, guid: string, version: number | string): string {
  const spelled = switches.lowerCaseEtags ? guid.toLowerCase() : guid.toUpperCase();
  return `"{${spelled}},${version}"`;
}
