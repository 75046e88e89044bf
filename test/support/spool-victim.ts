/**
 * The process that is killed: does a fixed series of operations on a spool, says each one that was acknowledged, and
 * ends itself with SIGKILL at the given occurrence of a step. Started by test/fault/spool-kill.test.ts.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_INO, type SpoolStep } from '../../src/spool/index.js';
import { FakeClock } from './fake-clock.js';
import { SpoolBench } from './spool-bench.js';
import { LoggedServer } from './spool-logged-server.js';
import { type Action, applyToSpool } from './spool-model.js';

/** What the server has before; `null`: a folder. */
export const SERVER_BEFORE: Readonly<Record<string, string | null>> = {
  '/doc': 'doc: first',
  '/edited': 'edited: first',
  '/shared': 'shared: first',
  '/tree': null,
  '/tree/one': 'one',
  '/tree/two': 'two',
};

/** `wait`: time for everything to be sent. `outsider`: another client writes. */
export type Deed =
  | Action
  | { readonly kind: 'wait' }
  | { readonly kind: 'outsider'; readonly path: string }
  | { readonly kind: 'copy'; readonly path: string; readonly from: string };

export const DEEDS: readonly Exclude<Deed, { kind: 'copy' }>[] = [
  { kind: 'write', path: '/new', content: 'new: first' },
  { kind: 'mkdir', path: '/folder' },
  { kind: 'write', path: '/folder/file', content: 'in a folder' },
  { kind: 'write', path: '/edited', content: 'edited: second' },
  { kind: 'wait' },
  { kind: 'write', path: '/new', content: 'new: second' },
  { kind: 'write', path: '/.doc.tmp', content: 'doc: second' },
  { kind: 'rename', path: '/.doc.tmp', to: '/doc' },
  { kind: 'rename', path: '/folder', to: '/renamed' },
  { kind: 'remove', path: '/tree/one' },
  { kind: 'remove', path: '/tree/two' },
  { kind: 'remove', path: '/tree' },
  { kind: 'wait' },
  { kind: 'write', path: '/shared', content: 'shared: mine' },
  { kind: 'outsider', path: '/shared' },
  { kind: 'wait' },
];

/** A copy by the server, and what becomes of it. */
export const COPY_DEEDS: readonly Deed[] = [
  { kind: 'copy', path: '/copied', from: '/doc' },
  { kind: 'wait' },
  { kind: 'write', path: '/copied', content: 'copied: second' },
  { kind: 'wait' },
];

export const SERIES = { everything: DEEDS, copy: COPY_DEEDS } as const;
export type Series = keyof typeof SERIES;

export const OUTSIDER_CONTENT = 'shared: theirs, and longer';

/** A bench on a server that outlives the process. */
export function lastingBench(directory: string, onStep: (step: SpoolStep) => void): SpoolBench {
  const clock = new FakeClock();
  const server = new LoggedServer(join(directory, 'server.log'), () => clock.now());
  return new SpoolBench(join(directory, 'state'), { server, onStep, expectedWarnings: /both are kept/ });
}

/** As copy_file_range(2) does into a file that was just made. */
async function copyOnServer({ spool, remote }: SpoolBench, path: string, from: string): Promise<void> {
  const { ino } = spool.make('file', { parent: ROOT_INO, name: path.slice(1) }, {});
  const item = [...remote.tree.ids()].find((id) => remote.tree.pathOf(id) === from)!;
  const { version, size } = remote.tree.peek(item)!;
  await spool.copyFrom(ino, { item, version, size }, new AbortController().signal);
}

async function main([directory, step, occurrence, series]: readonly string[]): Promise<void> {
  let left = Number(occurrence);
  const bench = lastingBench(directory!, (reached) => {
    if (reached !== step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  });
  const { server } = bench.drive;
  for (const [path, content] of Object.entries(SERVER_BEFORE)) {
    if (content === null) server.makeFolder(path);
    else server.write(path, content);
  }
  bench.remote.tree.learnAll();
  await bench.open();
  for (const [at, deed] of SERIES[series as Series].entries()) {
    if (deed.kind === 'wait') await bench.quiesce(20_000);
    else if (deed.kind === 'outsider') server.write(deed.path, OUTSIDER_CONTENT);
    else if (deed.kind === 'copy') await copyOnServer(bench, deed.path, deed.from);
    else await applyToSpool(bench, deed);
    writeSync(1, `${at}\n`);
  }
  await bench.spool.close();
}

if (process.argv[1]?.endsWith('spool-victim.js')) await main(process.argv.slice(2));
