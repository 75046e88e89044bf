/**
 * A drive in use for a long time: random operations on a real mount beside a local mirror, while another client changes
 * the drive, the server and the line fail in all their ways, and the daemon is stopped, killed and started again. In
 * between, and at the end, mount, mirror and server must be the same.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MountedDrive, WELL } from '../support/mounted-drive.js';
import { SoakOperations } from './soak-operations.js';
import { soakReport } from './soak-report.js';
import { differences, treeOf } from './soak-tree.js';
import type { SoakOrder, SoakReport } from './soak-worker.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const WORKER = fileURLToPath(new URL('./soak-worker.js', import.meta.url));
const OPERATIONS_PER_ROUND = 150;
/** Everything is compared, the server too, each time so many rounds are over. */
const ROUNDS_PER_CHECK = 6;
const EVENTS_SHOWN = 12;
const TELLS_WITHIN_MS = 10_000;
/** With server and line well, what is owed is sent in this time. */
const DRAIN_SECONDS = 60;

const FAULTS: readonly Readonly<Record<string, unknown>>[] = [
  { throttleNext: 8, throttleRetryAfterSeconds: 1 },
  { unavailableNext: 6, throttleRetryAfterSeconds: 1 },
  { dropNext: 4, completeThenDropNext: 6 },
  { resetBodiesNext: 4 },
  { spuriousUnauthorizedEvery: 23 },
  { failNext: 5, failStatus: 500 },
  { latencyMs: 150 },
];

const STEADY = { ...WELL, latencyMs: 2 };

type Event = 'nothing' | 'fault' | 'others' | 'kill' | 'remount' | 'cold remount' | 'expiry';
const EVENTS: readonly Event[] = [
  ...(['nothing', 'fault', 'fault', 'fault', 'others', 'others', 'kill', 'kill'] as const),
  ...(['remount', 'cold remount', 'expiry'] as const),
];

/** Rejects with what went wrong; takes away all that it made. */
export async function soak(options: SoakOptions): Promise<void> {
  const cleans: (() => Promise<void> | void)[] = [];
  try {
    const context = { after: (clean: () => Promise<void> | void) => cleans.push(clean) };
    const drive = await MountedDrive.start(context, {
      options: ['poll=1', 'actimeo=1'],
      switches: STEADY,
      warnings: /./,
    });
    await new Soak(drive, options).run();
  } finally {
    for (const clean of cleans) await clean();
  }
}

class Soak {
  readonly #drive: MountedDrive;
  readonly #options: SoakOptions;
  readonly #random: SoakOperations;
  readonly #mirror: string;
  #worker!: ChildProcess;
  readonly #events: string[] = [];
  #others = 0;
  #operations = 0;

  constructor(drive: MountedDrive, options: SoakOptions) {
    this.#drive = drive;
    this.#options = options;
    this.#random = new SoakOperations(options.seed + 1);
    this.#mirror = join(drive.local, 'mirror');
  }

  async run(): Promise<void> {
    const endsAtMs = performance.now() + this.#options.minutes * 60_000;
    mkdirSync(this.#mirror);
    await this.#drive.shell('mkdir work');
    const folder = join(this.#drive.mountpoint, 'work');
    this.#worker = fork(WORKER, [folder, this.#mirror, String(this.#options.seed)], {
      serialization: 'json',
    });
    try {
      for (let round = 1; performance.now() < endsAtMs; round += 1) {
        await this.#round(EVENTS[this.#random.below(EVENTS.length)]!);
        if (round % ROUNDS_PER_CHECK === 0) await this.#check(round);
      }
      await this.#check('the end');
    } catch (error) {
      this.#options.say(await soakReport(this.#drive));
      const last = await this.#lastOperations();
      this.#options.say(['-- events', ...this.#events, '-- operations', ...last].join('\n'));
      throw error;
    } finally {
      this.#worker.kill('SIGKILL');
    }
  }

  async #round(event: Event): Promise<void> {
    const working = this.#ask({ kind: 'work', operations: OPERATIONS_PER_ROUND });
    // It is awaited further down; what goes wrong sooner is told there, and not as nobody's.
    working.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, this.#random.below(700)));
    const fault = event === 'fault' ? FAULTS[this.#random.below(FAULTS.length)]! : null;
    this.#events.push(`${new Date().toISOString().slice(11, 23)} ${event} ${JSON.stringify(fault)}`);
    this.#events.splice(0, this.#events.length - EVENTS_SHOWN);
    if (fault !== null) await this.#drive.turn(fault);
    if (event === 'expiry') await this.#drive.server.control('expire', { what: 'cookies' });
    if (event === 'others') await this.#writeAsOthers();
    if (event === 'kill') await this.#drive.kill();
    const report = await working;
    if (report.kind === 'worked') this.#operations += report.operations;
    if (event === 'kill') {
      await this.#drive.mount();
      await this.#ask({ kind: 'compare', afterKill: true });
    }
    if (event === 'remount' || event === 'cold remount') {
      await this.#drive.turn(STEADY);
      await this.#drive.unmount(DRAIN_SECONDS);
      if (event === 'cold remount') this.#drive.forgetContent();
      await this.#drive.mount();
    }
  }

  async #check(round: number | string): Promise<void> {
    await this.#drive.turn(STEADY);
    await this.#ask({ kind: 'compare', afterKill: false });
    await this.#drive.flush();
    const mirror = treeOf(this.#mirror);
    const wrong = differences(withoutLinks(await this.#onServer(), mirror), withoutModes(mirror));
    if (wrong.length > 0) throw new Error(`server | mirror:\n${wrong.join('\n')}`);
    await this.#seeOthers();
    this.#options.say(`round ${round}: ${this.#operations} operations, all the same`);
  }

  async #onServer(): Promise<Map<string, string>> {
    const below = (await this.#drive.tree()).filter(({ path }) => path.startsWith('work/'));
    return new Map(
      below.map(({ path, kind, size, sha256 }) => [
        path.slice('work/'.length),
        kind === 'folder' ? 'folder' : `${size} ${sha256}`,
      ]),
    );
  }

  async #writeAsOthers(): Promise<void> {
    for (let count = 0; count < 5; count += 1) {
      this.#others += 1;
      const path = `others/f${this.#random.below(20)}`;
      await this.#drive.server.control('write', {
        path,
        text: `${this.#others}`.repeat(1 + this.#random.below(3000)),
      });
    }
  }

  /** What others wrote is read here as they wrote it, once it has been polled for. */
  async #seeOthers(): Promise<void> {
    const theirs = (await this.#drive.tree()).filter(({ path }) => path.startsWith('others/f'));
    const sums = theirs.map(({ path, sha256 }) => `${sha256}  ${path}`).join('\n');
    if (sums === '') return;
    await this.#drive.shell(
      `for n in $(seq 100); do sha256sum --status -c <<< "${sums}" 2>/dev/null && exit 0; sleep 0.2; done; sha256sum -c <<< "${sums}"`,
    );
  }

  /** None when the worker is in the middle of something. */
  async #lastOperations(): Promise<readonly string[]> {
    const told = await this.#ask({ kind: 'tell' }, AbortSignal.timeout(TELLS_WITHIN_MS)).catch(() => null);
    return told?.kind === 'told' ? told.last : [];
  }

  async #ask(order: SoakOrder, signal?: AbortSignal): Promise<SoakReport> {
    const answer = once(this.#worker, 'message', { signal });
    this.#worker.send(order);
    const [report] = (await answer) as [SoakReport];
    if (report.kind === 'wrong') throw new Error(report.what);
    return report;
  }
}

/** A symbolic link is a small file on the server. */
function withoutLinks(
  tree: ReadonlyMap<string, string>,
  mirror: ReadonlyMap<string, string>,
): Map<string, string> {
  return new Map([...tree].filter(([path]) => mirror.get(path)?.startsWith('->') !== true));
}

/** The server keeps no modes. */
function withoutModes(tree: ReadonlyMap<string, string>): Map<string, string> {
  const stored = (what: string) => (what.startsWith('folder') ? 'folder' : what.replace(/^\d+ /, ''));
  return new Map([...withoutLinks(tree, tree)].map(([path, what]): [string, string] => [path, stored(what)]));
}
