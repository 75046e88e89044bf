/**
 * The names that a listing has shown. A folder that nobody changes shows each once by itself, so names are only put down
 * at first; once somebody has to tell them apart they are put in order, some thousands at a time.
 */
import { WideMap } from '../base/index.js';

/** A millisecond or so. */
const NAMES_PER_STEP = 4096;

export class ShownNames {
  #known: WideMap<string, true> | null = null;
  #added: string[] = [];

  add(name: string): void {
    this.#added.push(name);
  }

  /** One step towards knowing all that were added. True: done. */
  tellApart(): boolean {
    const step = this.#added.length > NAMES_PER_STEP ? this.#added.splice(-NAMES_PER_STEP) : this.#added;
    if (step === this.#added) this.#added = [];
    if (step.length > 0) this.#known ??= new WideMap();
    for (const name of step) this.#known!.set(name, true);
    return this.#added.length === 0;
  }

  /** Of those that were told apart. */
  has(name: string): boolean {
    return this.#known?.has(name) === true;
  }
}
