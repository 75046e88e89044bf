/** What people do with a mounted drive, each as one measured piece of work. */
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from '../support/processes.js';

/** Paths of one measurement: the mount, and local material to copy from. */
export interface Bench {
  readonly mount: string;
  readonly local: string;
}

export interface Workload {
  readonly name: string;
  /** What the server has before, as `seed` entries or a filling. */
  readonly seed?: object;
  /** What happens before the clock starts (on a mounted drive). */
  readonly prepare?: (bench: Bench) => Promise<unknown>;
  /** A number that it resolves with is the seconds that count, instead of all that it took. */
  readonly work: (bench: Bench) => Promise<unknown>;
  /** How many files the server must have below `/` before the work counts as arrived; absent: nothing is sent. */
  readonly filesAfter?: number;
  /** And how many bytes in them; absent: whatever they hold. */
  readonly bytesAfter?: number;
  /** Repeats the work warm and measures it again. */
  readonly again?: boolean;
  /** Mounts anew with the same state and repeats the work once more. */
  readonly afterRestart?: boolean;
}

const MIB = 1024 * 1024;
const SMALL_FILES = 1000;
const SMALL_BYTES = 8192;

/** 1,000 files of 8 KiB in ten folders, and a 512 MiB file. */
export function makeLocalMaterial(directory: string): void {
  for (let folder = 0; folder < 10; folder += 1) {
    const path = join(directory, 'small', `d${folder}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < SMALL_FILES / 10; file += 1) {
      writeFileSync(
        join(path, `f${String(file).padStart(3, '0')}.bin`),
        Buffer.alloc(SMALL_BYTES, folder * 100 + file),
      );
    }
  }
}

/** No two in the order of their names, so that nothing is to be had ahead of time. */
const FIRST_BYTE_ORDER = [5, 2, 8, 0, 6, 3, 7, 1, 4];

const smallOnServer = {
  entries: Array.from({ length: SMALL_FILES }, (_, at) => ({
    path: `many/f${String(at).padStart(4, '0')}.bin`,
    size: SMALL_BYTES,
    pattern: at,
  })),
};

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'cp -r 1,000 x 8 KiB',
    work: ({ mount, local }) => shell(`cp -r '${local}/small' '${mount}/'`),
    filesAfter: SMALL_FILES,
    bytesAfter: SMALL_FILES * SMALL_BYTES,
  },
  {
    name: 'rsync -a 1,000 x 8 KiB',
    work: ({ mount, local }) => shell(`rsync -a '${local}/small' '${mount}/'`),
    filesAfter: SMALL_FILES,
    bytesAfter: SMALL_FILES * SMALL_BYTES,
    again: true,
  },
  {
    name: 'tar x 1,000 files',
    prepare: ({ local }) => shell(`tar -C '${local}' -cf '${local}/small.tar' small`),
    work: ({ mount, local }) => shell(`tar -C '${mount}' -xf '${local}/small.tar'`),
    filesAfter: SMALL_FILES,
    bytesAfter: SMALL_FILES * SMALL_BYTES,
  },
  {
    name: 'rm -rf 1,000 files',
    seed: smallOnServer,
    prepare: ({ mount }) => shell(`ls -l '${mount}/many' | wc -l`),
    work: ({ mount }) => shell(`rm -rf '${mount}/many'`),
    filesAfter: 0,
  },
  {
    name: 'mv a folder of 1,000',
    seed: smallOnServer,
    prepare: ({ mount }) => shell(`ls -l '${mount}/many' | wc -l`),
    work: ({ mount }) => shell(`mv '${mount}/many' '${mount}/moved'`),
    filesAfter: SMALL_FILES,
    bytesAfter: SMALL_FILES * SMALL_BYTES,
  },
  {
    name: 'read 256 MiB',
    seed: { entries: [{ path: 'large.bin', size: 256 * MIB, pattern: 3 }] },
    prepare: ({ mount }) => shell(`ls -l '${mount}'`),
    work: ({ mount }) => shell(`dd if='${mount}/large.bin' of=/dev/null bs=1M status=none`),
    again: true,
  },
  {
    name: '100 random reads of 64 KiB in 1 GiB',
    seed: { entries: [{ path: 'huge.bin', size: 1024 * MIB, pattern: 5 }] },
    prepare: ({ mount }) => shell(`ls -l '${mount}'`),
    work: ({ mount }) => randomReads(join(mount, 'huge.bin')),
  },
  {
    name: 'read 1,000 x 8 KiB one after another',
    seed: smallOnServer,
    prepare: ({ mount }) => shell(`ls -l '${mount}/many' | wc -l`),
    work: ({ mount }) => shell(`cat '${mount}'/many/* >/dev/null`),
  },
  {
    name: 'read 1,000 x 8 KiB, 8 at a time',
    seed: smallOnServer,
    prepare: ({ mount }) => shell(`ls -l '${mount}/many' | wc -l`),
    work: ({ mount }) => shell(`ls '${mount}'/many/* | xargs -P 8 -n 25 cat >/dev/null`),
  },
  {
    name: 'cp -r out of it: 100 folders of 10 x 8 KiB',
    seed: { fill: { folders: 100, filesPerFolder: 10, size: 8192 } },
    prepare: ({ mount }) => shell(`find '${mount}' | wc -l`),
    work: ({ mount, local }) => shell(`rm -rf '${local}/out'; cp -r '${mount}' '${local}/out'`),
  },
  {
    name: 'first byte of a small file, median of 9',
    seed: { entries: FIRST_BYTE_ORDER.map((at) => ({ path: `one${at}.txt`, text: 'hello' })) },
    prepare: ({ mount }) => shell(`ls -l '${mount}'`),
    work: ({ mount }) => firstBytes(FIRST_BYTE_ORDER.map((at) => join(mount, `one${at}.txt`))),
  },
  {
    name: 'write 512 MiB',
    work: ({ mount }) => shell(`dd if=/dev/zero of='${mount}/zeros.bin' bs=1M count=512 status=none`),
    filesAfter: 1,
    bytesAfter: 512 * MIB,
  },
  {
    name: 'git clone',
    prepare: ({ local }) => makeRepository(local),
    work: ({ mount, local }) => shell(`git clone -q --no-hardlinks '${local}/repository' '${mount}/clone'`),
    filesAfter: 300,
  },
  {
    name: 'walk: find over 1,000 folders of 10',
    seed: { fill: { folders: 1000, filesPerFolder: 10, size: 100 } },
    work: ({ mount }) => shell(`find '${mount}' -type f -printf '%s\\n' | wc -l`),
    again: true,
    afterRestart: true,
  },
  {
    name: 'walk: find over 100 folders of 100',
    seed: { fill: { folders: 100, filesPerFolder: 100, size: 100 } },
    work: ({ mount }) => shell(`find '${mount}' -type f -printf '%s\\n' | wc -l`),
    again: true,
    afterRestart: true,
  },
  {
    name: 'walk: ls -l of 10,000 entries',
    seed: { fill: { folders: 1, filesPerFolder: 10_000, size: 100 } },
    work: ({ mount }) => shell(`ls -lR '${mount}' | wc -l`),
    again: true,
    afterRestart: true,
  },
];

/** The median: a daemon lives for days, and its first read of all is not what people wait for. */
async function firstBytes(paths: readonly string[]): Promise<number> {
  const seconds: number[] = [];
  for (const path of paths) {
    const start = performance.now();
    await readFirstByte(path);
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((one, other) => one - other)[Math.floor(seconds.length / 2)]!;
}

/** In this process: to start another one takes longer than the server. */
async function readFirstByte(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.read(Buffer.alloc(1), 0, 1, 0);
  } finally {
    await file.close();
  }
}

/** The same pseudo-random places in every run. */
async function randomReads(path: string): Promise<void> {
  const descriptor = openSync(path, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  let state = 12345;
  for (let at = 0; at < 100; at += 1) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    readSync(descriptor, buffer, 0, buffer.length, Math.floor((state / 2 ** 31) * 16383) * buffer.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  closeSync(descriptor);
}

function makeRepository(local: string): Promise<string> {
  return shell(`
    [ -d '${local}/repository' ] && exit 0
    git init -q '${local}/repository'; cd '${local}/repository'
    for d in $(seq 1 20); do mkdir -p "src/d$d"; for f in $(seq 1 15); do seq "$d" "$((d * f + 40))" > "src/d$d/f$f.txt"; done; done
    git add -A; git -c user.name=bench -c user.email=bench@localhost commit -qm first`);
}
