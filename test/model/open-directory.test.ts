/**
 * A folder read page by page while it changes at random: what was there all the time is shown exactly once (readdir(3)), whoever
 * has it, the server or the spool.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Dice } from '../support/cache-random.js';
import type { FileSystemWorld } from '../support/file-system-world.js';
import { openLargeFolderWorld } from '../support/large-folder-world.js';

const FILES = 2_000;
/** The same in every run of the suite; elsewhere with `ODBFS_MODEL_SEEDS` and `ODBFS_MODEL_FIRST`. */
const SEEDS = Number(process.env.ODBFS_MODEL_SEEDS ?? 8);
const FIRST = Number(process.env.ODBFS_MODEL_FIRST ?? 1);
let world: FileSystemWorld;

beforeEach(async () => {
  world = await openLargeFolderWorld(FILES);
});
afterEach(() => world.close());

/** What a program may do between two pages, each to names of its own. */
class Meanwhile {
  readonly dice: Dice;
  /** Names that are not there from the first page to the last. */
  readonly unsteady = new Set<string>();
  #count = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
  }

  async happens(): Promise<void> {
    const actions = [this.#create, this.#unlink, this.#rename, this.#replace, this.#byOthers, this.#write];
    for (let count = this.dice.roll(12); count > 0; count -= 1) await this.dice.pick(actions)!.call(this);
    if (this.dice.roll(3) === 0) await world.caughtUp();
    if (this.dice.roll(4) === 0) await world.settled();
  }

  #new(): string {
    this.#count += 1;
    const name = `new${this.#count}`;
    this.unsteady.add(name);
    return name;
  }

  /** A file that is there and was not changed by others. */
  #existing(): string {
    return `f${this.dice.roll(FILES / 2)}`;
  }

  async #create(): Promise<void> {
    await world.kernel.writeFile(`/d/${this.#new()}`, 'new');
  }

  async #unlink(): Promise<void> {
    const name = this.#existing();
    this.unsteady.add(name);
    await world.kernel.unlink(`/d/${name}`).catch(() => undefined);
  }

  async #rename(): Promise<void> {
    const name = this.#existing();
    this.unsteady.add(name);
    await world.kernel.rename(`/d/${name}`, `/d/${this.#new()}`).catch(() => undefined);
  }

  /** As editors save: the name is there all the time. */
  async #replace(): Promise<void> {
    const temporary = this.#new();
    const name = this.#existing();
    if (this.unsteady.has(name)) return;
    await world.kernel.writeFile(`/d/${temporary}`, 'saved');
    await world.kernel.rename(`/d/${temporary}`, `/d/${name}`);
  }

  async #write(): Promise<void> {
    const name = this.#existing();
    if (!this.unsteady.has(name)) await world.kernel.writeFile(`/d/${name}`, 'written');
  }

  async #byOthers(): Promise<void> {
    const { server } = world.drive;
    const name = `f${FILES / 2 + this.dice.roll(FILES / 2)}`;
    const node = server.find(`/d/${name}`);
    const action = this.dice.roll(3);
    if (node === undefined) return;
    if (action === 0) server.write(node.path, 'by others');
    else this.unsteady.add(name);
    if (action === 1) server.remove(node.path);
    if (action === 2) server.move(node.path, `/d/${this.#new()}`);
  }
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
  test(`seed ${seed}: names that are there all the time are shown exactly once`, async () => {
    const meanwhile = new Meanwhile(seed);
    const shown: string[] = [];
    for await (const page of world.kernel.names('/d')) {
      shown.push(...page);
      await meanwhile.happens();
    }
    assert.equal(new Set(shown).size, shown.length, 'no name twice');
    const steady = Array.from({ length: FILES }, (_, at) => `f${at}`).filter(
      (name) => !meanwhile.unsteady.has(name),
    );
    const missed = steady.filter((name) => !new Set(shown).has(name));
    assert.deepEqual(missed, []);
    assert.ok(shown.every((name) => /^f\d+$/.test(name) || meanwhile.unsteady.has(name)));
  });
}
