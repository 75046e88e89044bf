/**
 * The views that a listing read last. As long as nothing changed since, what goes out with a name is what was read with
 * it; a view is not worked out twice.
 */
import type { NamedView } from './node-view.js';

/** More than a reader of the folder is ever ahead of its replies. */
const MOST_PAGES = 8;

interface Page {
  /** The first one's place in the listing. */
  readonly start: number;
  readonly version: number;
  readonly views: readonly NamedView[];
}

export class FreshViews {
  readonly #version: () => number;
  #pages: Page[] = [];

  /** `version`: a number that stays as long as every view is what it was. */
  constructor(version: () => number) {
    this.#version = version;
  }

  /** They were read just now. */
  add(start: number, views: readonly NamedView[]): void {
    this.#pages.push({ start, version: this.#version(), views });
    if (this.#pages.length > MOST_PAGES) this.#pages.shift();
  }

  /** Replies go forward: pages before the one that is asked for are let go. */
  at(index: number): NamedView | undefined {
    while (this.#pages.length > 0 && isBefore(this.#pages[0]!, index)) this.#pages.shift();
    const page = this.#pages[0];
    if (page === undefined || index < page.start || page.version !== this.#version()) return undefined;
    return page.views[index - page.start];
  }

  clear(): void {
    this.#pages = [];
  }
}

function isBefore({ start, views }: Page, index: number): boolean {
  return start + views.length <= index;
}
