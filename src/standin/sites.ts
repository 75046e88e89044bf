/**
 * The sites of the tenant: a personal site with a library `Documents` for every user, and one team site with
 * `Shared Documents`. A path on a host leads to a site and to what lies within it.
 */
import { createHash } from 'node:crypto';
import { personalSegment, type StandinUser } from './directory.js';
import type { HostRole } from './hosts.js';
import type { DriveStore } from './store/drive-store.js';
import { foldName, type Item, pathOf } from './store/item.js';

export interface Site {
  readonly role: HostRole;
  /** Decoded, without a trailing slash: `/personal/user_contoso_com`. */
  readonly path: string;
  readonly title: string;
  /** Name of the library in URLs. */
  readonly libraryName: string;
  readonly webId: string;
  readonly siteId: string;
  /** The owner of a personal site; null for sites that all may use. */
  readonly owner: StandinUser | null;
  readonly store: DriveStore;
}

export interface Place {
  readonly site: Site;
  /** Decoded names below the site; the first is the library's. */
  readonly names: readonly string[];
}

export type NewSite = Omit<Site, 'store' | 'webId' | 'siteId'>;
export type OpenStore = (site: NewSite, listId: string) => DriveStore;

export class Sites {
  readonly #sites: Site[] = [];
  readonly #openStore: OpenStore;

  constructor(openStore: OpenStore) {
    this.#openStore = openStore;
  }

  get all(): readonly Site[] {
    return this.#sites;
  }

  addPersonal(owner: StandinUser, libraryName = 'Documents'): Site {
    const path = `/personal/${personalSegment(owner.upn)}`;
    return this.add({ role: 'my', path, title: owner.displayName, libraryName, owner });
  }

  add(site: NewSite): Site {
    const store = this.#openStore(site, stableGuid(`list ${site.role} ${site.path}`));
    const webId = stableGuid(`web ${site.role} ${site.path}`);
    const made = { ...site, store, webId, siteId: stableGuid(`site ${site.role} ${site.path}`) };
    this.#sites.push(made);
    return made;
  }

  personalOf(user: StandinUser): Site | undefined {
    return this.#sites.find((site) => site.owner === user);
  }

  /** The site that decoded names on a host lie in. Case does not matter. */
  find(role: HostRole, names: readonly string[]): Place | undefined {
    for (const site of this.#sites) {
      if (site.role !== role) continue;
      const prefix = site.path.slice(1).split('/');
      if (!prefix.every((name, at) => names[at] !== undefined && foldName(names[at]) === foldName(name)))
        continue;
      return { site, names: names.slice(prefix.length) };
    }
    return undefined;
  }

  close(): void {
    for (const site of this.#sites) site.store.close();
  }
}

/** Server-relative decoded path of the library. */
export function libraryPath(site: Site): string {
  return `${site.path}/${site.libraryName}`;
}

/** Server-relative decoded path of an item: `/personal/user_contoso_com/Documents/a.txt`. */
export function serverPath(site: Site, item: Item): string {
  return [libraryPath(site), ...pathOf(item)].join('/');
}

/** Names below the library, or null when the place is the site itself or outside of the library. */
export function namesInLibrary(place: Place): readonly string[] | null {
  const [first, ...rest] = place.names;
  if (first === undefined || foldName(first) !== foldName(place.site.libraryName)) return null;
  return rest;
}

/** A GUID that follows from a text, so that ids survive a restart. */
export function stableGuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
