/** A map that forgets its oldest entry beyond `limit`: what a browser left half-way must not pile up. */
export class BoundedMap<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
    if (this.#values.size > this.#limit) this.#values.delete(this.#values.keys().next().value!);
  }

  delete(key: string): boolean {
    return this.#values.delete(key);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }
}
