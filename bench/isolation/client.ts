/** Stats, then opens, reads and closes each file of a folder once; prints how long each took, µs, as JSON. */
import { closeSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.'] = process.argv.slice(2);
const buffer = Buffer.alloc(1024);
const NAMES_ONLY = '2';

function timed(work: () => void): number {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / 1000;
}

function openReadClose(path: string): void {
  const fd = openSync(path, 'r');
  readSync(fd, buffer, 0, buffer.length, 0);
  closeSync(fd);
}

const paths = readdirSync(folder).map((name) => join(folder, name));
// What the kernel knows is nobody's merit.
writeFileSync('/proc/sys/vm/drop_caches', NAMES_ONLY);
const stat = paths.map((path) => timed(() => statSync(path)));
const open = paths.map((path) => timed(() => openReadClose(path)));
process.stdout.write(JSON.stringify({ stat, open }));
