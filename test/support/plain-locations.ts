import { Locations } from '../../src/sharepoint/wire/locations.js';
import { plainNames } from '../../src/sharepoint/wire/name-codec.js';

/** Where things are on a plain WebDAV server, at the top of `https://h.test`. */
export function plainLocations(): Locations {
  return new Locations({
    baseUrl: new URL('https://h.test'),
    names: plainNames,
    topNames: plainNames,
    isServersOwn: () => false,
    memory: null,
    longestPath: Number.POSITIVE_INFINITY,
  });
}
