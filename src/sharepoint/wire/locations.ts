/**
 * Where a drive path is on the server, and back: the URL for WebDAV, the server-relative path for REST. Percent-encodes
 * once and decodes once (protocol notes 5.2.7); names go through the dialect's codec.
 */
import { DriveError, type DrivePath } from '../../drive/index.js';
import type { NameCodec } from './name-codec.js';
import { splitAtRawBytes, textOf } from './raw-bytes.js';
import { type NameMemory, ShownNames } from './shown-names.js';
import { trimmed } from './xml.js';

/** A whole decoded path, site and file name included, has fewer characters than this (protocol notes 2.10). */
export const PATH_LIMIT = 400;

export interface LocationOptions {
  /** The library or collection, as a URL without a trailing slash. */
  readonly baseUrl: URL;
  readonly names: NameCodec;
  /** At the top of the drive. */
  readonly topNames: NameCodec;
  /** Names at the top that are the server's own. */
  readonly isServersOwn: (wireName: string) => boolean;
  /** For names that no rule can show; null: they are remembered as long as this lives. */
  readonly memory: NameMemory | null;
  /** Characters that a decoded path may have; Infinity where unknown. */
  readonly longestPath: number;
}

export class Locations {
  readonly baseUrl: URL;
  /** Decoded, `/personal/USER/Documents`; empty for a server's root. */
  readonly basePath: string;
  readonly longestPath: number;
  readonly #names: NameCodec;
  readonly #topNames: NameCodec;
  readonly #isServersOwn: (wireName: string) => boolean;

  constructor({ baseUrl, names, topNames, isServersOwn, memory, longestPath }: LocationOptions) {
    this.baseUrl = new URL(baseUrl.href.replace(/\/+$/, ''));
    this.basePath = decodeURIComponent(this.baseUrl.pathname).replace(/\/+$/, '');
    this.longestPath = longestPath;
    const shown = new ShownNames(memory);
    this.#names = shown.around(names);
    this.#topNames = shown.around(topNames);
    this.#isServersOwn = isServersOwn;
  }

  /** Server-relative, decoded. Throws `bad-name` for what the server would refuse for its length. */
  serverPath(path: DrivePath): string {
    const wirePath = this.basePath + this.#wirePath(path);
    if (wirePath.length >= this.longestPath) {
      throw new DriveError(
        'bad-name',
        `the path has ${wirePath.length} characters; ${this.longestPath} are too many`,
      );
    }
    return wirePath;
  }

  fileUrl(path: DrivePath): URL {
    const url = new URL(this.baseUrl.origin);
    url.pathname = encodePath(this.serverPath(path)) || '/';
    return url;
  }

  /** With the trailing slash that collections want (protocol notes 2.2). */
  folderUrl(path: DrivePath): URL {
    const url = this.fileUrl(path);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  }

  /** The drive path behind a server-relative decoded path; null when it lies outside of the drive. */
  drivePath(serverPath: string): DrivePath | null {
    const trimmed = serverPath.replace(/\/+$/, '');
    if (trimmed.length < this.basePath.length) return null;
    const base = trimmed.slice(0, this.basePath.length);
    // hosts of this kind do not care for case, and answers may spell the site as it was created
    if (base.toLowerCase() !== this.basePath.toLowerCase()) return null;
    const rest = trimmed.slice(this.basePath.length);
    if (rest === '') return '/';
    if (!rest.startsWith('/')) return null;
    const wireNames = rest.split('/');
    if (this.#isServersOwn(wireNames[1] ?? '')) return null;
    return wireNames.map((name, depth) => this.#codec(depth).decode(name)).join('/');
  }

  /** The server's own folder at the top of the drive, or what is in it. */
  isServersOwn(href: string, askedUrl: URL): boolean {
    const serverPath = hrefPathname(href, askedUrl);
    return (
      serverPath.length > this.basePath.length &&
      this.drivePath(serverPath) === null &&
      this.drivePath(serverPath.slice(0, this.basePath.length)) === '/'
    );
  }

  /** The drive path behind an href: absolute, rooted or relative to what was asked for; null outside of the drive. */
  pathOfHref(href: string, askedUrl: URL): DrivePath | null {
    return this.drivePath(hrefPathname(href, askedUrl));
  }

  #wirePath(path: DrivePath): string {
    if (path === '/') return '';
    return path
      .split('/')
      .map((name, depth) => (depth === 0 ? '' : this.#codec(depth).encode(name)))
      .join('/');
  }

  /** Paths begin with a slash: before it is nothing, behind it the top. */
  #codec(depth: number): NameCodec {
    return depth === 1 ? this.#topNames : this.#names;
  }
}

/** Decoded path of an href. `new URL` would eat what some servers leave unencoded, so only the path is taken apart. */
function hrefPathname(href: string, askedUrl: URL): string {
  const told = trimmed(href);
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(told);
  const rest = absolute === null ? told : told.slice(absolute[0].length);
  const rooted = rest.startsWith('/') || absolute !== null ? rest : joined(askedUrl.pathname, rest);
  return decoded(rooted);
}

function joined(folder: string, relative: string): string {
  return folder.slice(0, folder.lastIndexOf('/') + 1) + relative.replace(/^\.\//, '');
}

/** Decodes percent signs once; a percent sign that encodes nothing stands for itself. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      textOf(Buffer.from(run.replaceAll('%', ''), 'hex')),
    );
  }
}

/** Percent-encodes each segment; more than a URL needs, so that no server has to guess. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return splitAtRawBytes(segment)
    .map(([text, rawByte]) => encodeText(text) + rawByte)
    .join('');
}

function encodeText(text: string): string {
  // a lone surrogate is no character and has no encoding
  if (/\p{Surrogate}/u.test(text)) throw new DriveError('bad-name', 'the name is not valid Unicode');
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
