/** A daemon of ours whose event loop is watched from inside, and an idle process beside it that says what the machine adds. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBystander } from '../bridge/bystander.js';
import { type OurMount, odbfsWith } from './odbfs-peer.js';
import { until } from './processes.js';
import type { StandinClient } from './standin-client.js';

const WATCH = new URL('./stall-watch.js', import.meta.url);
const ANSWER_LIMIT_MS = 10_000;

export interface Watched<Result> {
  readonly result: Result;
  readonly ms: number;
  readonly cpuMs: number;
  readonly longestStallMs: number;
  readonly bystanderStallMs: number;
}

export class WatchedDaemon {
  readonly mounted: OurMount;
  readonly #file: string;

  private constructor(mounted: OurMount, file: string) {
    this.mounted = mounted;
    this.#file = file;
  }

  static async mount(
    server: StandinClient,
    mountpoint: string,
    stateDirectory: string,
  ): Promise<WatchedDaemon> {
    const file = join(stateDirectory, 'stalls.json');
    const environment = {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${fileURLToPath(WATCH)}`.trim(),
      ODBFS_STALLS: file,
    };
    const mounted = await odbfsWith({ environment }).mount(server, mountpoint, stateDirectory);
    return new WatchedDaemon(mounted, file);
  }

  /** What `work` cost the daemon. */
  async during<Result>(work: () => Promise<Result>): Promise<Watched<Result>> {
    const bystander = await startBystander(false);
    const before = await this.#ask();
    const start = performance.now();
    const result = await work();
    const ms = performance.now() - start;
    const after = await this.#ask();
    return {
      result,
      ms,
      cpuMs: after.cpuMs - before.cpuMs,
      longestStallMs: after.longestMs,
      bystanderStallMs: await bystander.maxDelayMs(),
    };
  }

  /** Since the daemon's start. */
  async sinceStart(): Promise<{ readonly longestMs: number; readonly cpuMs: number }> {
    return this.#ask();
  }

  async known(items: number, limitMs: number): Promise<void> {
    await until(
      async () => {
        const { complete, items: known } = await this.mounted.tree();
        return complete && known >= items;
      },
      limitMs,
      'the whole tree is known',
    );
  }

  async #ask(): Promise<{ readonly longestMs: number; readonly cpuMs: number }> {
    rmSync(this.#file, { force: true });
    process.kill(this.mounted.pid, 'SIGUSR2');
    let answer: { longestMs: number; cpuMs: number } | null = null;
    const has = async () => {
      try {
        answer = JSON.parse(readFileSync(this.#file, 'utf8'));
      } catch {}
      return answer !== null;
    };
    await until(has, ANSWER_LIMIT_MS, 'the daemon tells of its event loop');
    return answer!;
  }
}
