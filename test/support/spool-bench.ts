/** A spool on a memory drive, under a fake clock, with the calls that a file system would make. */
import assert from 'node:assert/strict';
import { ftruncateSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createLog, type Log, Metrics } from '../../src/base/index.js';
import {
  type Ino,
  type JournalledSpool,
  type OwedNode,
  openSpool,
  ROOT_INO,
  type SpoolEvent,
  type SpoolLimits,
  type SpoolStep,
} from '../../src/spool/index.js';
import { FakeClock } from './fake-clock.js';
import { MemoryDrive, type MemoryDriveOptions } from './memory-drive.js';
import { RememberedTree, RememberingPlaces } from './spool-remote.js';

export interface BenchOptions extends MemoryDriveOptions {
  readonly limits?: Partial<SpoolLimits>;
  /** Warnings that the test expects in the log. */
  readonly expectedWarnings?: RegExp;
  readonly onStep?: (step: SpoolStep) => void;
  readonly makeRoom?: (bytes: number) => Promise<boolean>;
  readonly setUp?: (drive: MemoryDrive) => void;
}

export class SpoolBench {
  readonly clock = new FakeClock();
  readonly drive: MemoryDrive;
  readonly remote: RememberingPlaces;
  readonly metrics = new Metrics();
  readonly events: SpoolEvent[] = [];
  readonly warnings: string[] = [];
  readonly stateDir: string;
  readonly #options: BenchOptions;
  spool!: JournalledSpool;

  constructor(stateDir: string, options: BenchOptions) {
    this.stateDir = stateDir;
    this.#options = options;
    this.drive = new MemoryDrive({ now: () => this.clock.now(), ...options });
    options.setUp?.(this.drive);
    this.remote = new RememberingPlaces(new RememberedTree(this.drive.server));
  }

  get log(): Log {
    return createLog('warn', {
      write: (line) => {
        if (!this.#options.expectedWarnings?.test(line)) this.warnings.push(line);
      },
    });
  }

  async open(start = true): Promise<void> {
    this.spool = await openSpool({
      stateDir: this.stateDir,
      drive: this.drive,
      remote: this.remote,
      clock: this.clock,
      log: this.log,
      metrics: this.metrics,
      limits: { freeSpaceFloorBytes: 0, ...this.#options.limits },
      hostName: 'laptop',
      ...(this.#options.onStep === undefined ? {} : { onStep: this.#options.onStep }),
      ...(this.#options.makeRoom === undefined ? {} : { makeRoom: this.#options.makeRoom }),
    });
    this.remote.itemOf = (ino) => this.spool.itemOf(ino);
    this.spool.subscribe((event) => {
      if (event.kind !== 'progress') this.events.push(event);
    });
    if (start) await this.spool.start();
  }

  async reopen(): Promise<void> {
    await this.spool.close();
    await this.open();
  }

  /** The ino of what the server has at `path`. */
  inoAt(path: string): Ino {
    return path === '/' ? ROOT_INO : this.spool.inoOf(this.itemAt(path));
  }

  itemAt(path: string): string {
    const node = this.drive.server.find(path);
    assert.ok(node, `${path} is on the server`);
    return this.drive.server.item(node).id;
  }

  versionAt(path: string): string {
    return this.drive.server.item(this.drive.server.find(path)!).version;
  }

  folder(parent: Ino, name: string): OwedNode {
    return this.spool.make('folder', { parent, name }, {});
  }

  /** open(O_CREAT), write, close. */
  async file(parent: Ino, name: string, content: string): Promise<Ino> {
    const { ino } = this.spool.make('file', { parent, name }, {});
    await this.write(ino, content);
    return ino;
  }

  /** Replaces the whole content of a node and commits it. */
  async write(ino: Ino, content: string, item: string | null = null): Promise<void> {
    const version = item === null ? undefined : this.remote.tree.peek(item)?.version;
    const update = await this.spool.beginUpdate(ino, {
      item,
      base: version === undefined ? 'absent' : { version },
      truncate: true,
      seed: () => Promise.resolve(0),
    });
    ftruncateSync(update.descriptor);
    writeSync(update.descriptor, content, 0);
    this.spool.touch(ino, item, this.clock.now());
    this.spool.commit(ino, Buffer.byteLength(content));
    update.close();
  }

  /** Lets time pass until nothing more can happen. */
  async quiesce(milliseconds = 60_000): Promise<void> {
    const stepMs = 250;
    for (let passed = 0; passed < milliseconds; passed += stepMs) {
      await this.clock.run(stepMs);
      await this.#filesRead();
    }
  }

  /** Payloads are read by the thread pool, in real time, which the fake clock must not outrun. */
  async #filesRead(): Promise<void> {
    for (let turn = 0; turn < 20 && this.spool.statistics.active > 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** The server's tree: path to content, folders to null. */
  serverTree(): Record<string, string | null> {
    const tree: Record<string, string | null> = {};
    for (const node of this.drive.server.all()) {
      if (node.path === '/') continue;
      tree[node.path] = node.kind === 'folder' ? null : Buffer.from(node.content).toString();
    }
    return Object.fromEntries(Object.entries(tree).sort());
  }
}

/** A bench that is closed, removed and checked for unexpected warnings when the test ends. */
export async function spoolBench(test: TestContext, options: BenchOptions = {}): Promise<SpoolBench> {
  const stateDir = await mkdtemp(join(tmpdir(), 'odbfs-spool-'));
  const bench = new SpoolBench(stateDir, options);
  await bench.open();
  test.after(async () => {
    await bench.spool.close();
    await rm(stateDir, { recursive: true, force: true });
    assert.deepEqual(bench.warnings, [], 'no unexpected warnings');
  });
  return bench;
}
