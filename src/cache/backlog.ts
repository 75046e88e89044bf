/**
 * Whether more changed on the server than one answer of its log holds. Bringing in all of that takes as long as it takes:
 * who wants to know about one item only does not wait for it, but asks for the item.
 */
export class Backlog {
  #isLong = false;
  readonly #waiting = new Set<() => void>();

  get isLong(): boolean {
    return this.#isLong;
  }

  grew(): void {
    this.#isLong = true;
    for (const leave of this.#waiting) leave();
    this.#waiting.clear();
  }

  isIn(): void {
    this.#isLong = false;
  }

  /** True once the work is done; false as soon as the backlog is long. The work goes on all the same. */
  async outwaits(work: Promise<unknown>): Promise<boolean> {
    let leave = () => {};
    const long = new Promise<boolean>((resolve) => {
      leave = () => resolve(false);
      this.#waiting.add(leave);
    });
    try {
      return await Promise.race([work.then(() => true), long]);
    } finally {
      this.#waiting.delete(leave);
    }
  }
}
