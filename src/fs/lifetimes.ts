/**
 * How long the kernel may believe what it is told. Where changes are pushed into it, for long, unless somebody asked for
 * less; where they are not, what it believes comes on top of what we believe, so it asks us soon.
 */
import type { RemoteTree } from '../cache/index.js';
import type { KernelPort } from './kernel-port.js';
import {
  DEFAULT_ATTRIBUTE_LIFETIME_MS,
  type FileSystemOptions,
  PUSHED_LIFETIME_MS,
  UNPUSHED_LIFETIME_MS,
} from './options.js';

export interface LifetimeParts {
  readonly tree: RemoteTree;
  readonly options: FileSystemOptions;
}

export class Lifetimes {
  readonly #parts: LifetimeParts;
  readonly #kernel: () => KernelPort;

  constructor(parts: LifetimeParts, kernel: () => KernelPort) {
    this.#parts = parts;
    this.#kernel = kernel;
  }

  /** All that changes on the server is told to the kernel. */
  get isPushed(): boolean {
    return this.#parts.tree.statistics.complete && this.#kernel().canInvalidate;
  }

  get entriesMs(): number {
    const { attributeLifetimeMs } = this.#parts.options;
    if (!this.isPushed) return Math.min(UNPUSHED_LIFETIME_MS, attributeLifetimeMs);
    const isAskedFor = attributeLifetimeMs < DEFAULT_ATTRIBUTE_LIFETIME_MS;
    return isAskedFor ? attributeLifetimeMs : Math.max(PUSHED_LIFETIME_MS, attributeLifetimeMs);
  }

  /** What is on this disk changes with every read and is pushed to nobody: the kernel asks each time. */
  get attributesMs(): number {
    return this.attributesMsOf(this.entriesMs);
  }

  /** Of an entry that is believed for so long. */
  attributesMsOf(entriesMs: number): number {
    return this.#parts.options.blocks === 'cached' ? 0 : entriesMs;
  }
}
