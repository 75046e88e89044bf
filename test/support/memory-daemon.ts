/**
 * A process that mounts the in-memory file system, for tests and measurements: it must not be the one that uses the
 * mount. Arguments: the mount point, and options as JSON. Says "ready" on its standard output, then takes commands on
 * standard input, one a line, and answers each with one line of JSON. Ends cleanly on SIGTERM.
 */
import { createInterface } from 'node:readline';
import { createLog, Metrics, systemClock } from '../../src/base/index.js';
import { releaseMemoryAfterWork } from '../../src/daemon/memory-release.js';
import { keepHeapSmall, mountFileSystem, releaseMemory } from '../../src/fuse/index.js';
import { answerCommand } from './memory-commands.js';
import { MemoryFileSystem } from './memory-file-system.js';

const [mountpoint = '', json = '{}'] = process.argv.slice(2);
const { memory = {}, session: options = {}, bridge = 'native' } = JSON.parse(json);
const metrics = new Metrics();
keepHeapSmall();
let fs: MemoryFileSystem | undefined;

const session = await mountFileSystem({
  mountpoint,
  bridge,
  options,
  metrics,
  log: createLog('warn'),
  createFileSystem: (kernel) => {
    fs = new MemoryFileSystem(kernel, memory);
    return fs;
  },
});
const ended = new AbortController();
const memoryOf = { clock: systemClock, metrics, release: releaseMemory };
if (bridge === 'native') releaseMemoryAfterWork(memoryOf, ended.signal).catch(() => {});
process.on('SIGTERM', () => void session.close());
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  void answerCommand({ line, fs: fs!, session, metrics }).then((answer) =>
    process.stdout.write(`${JSON.stringify(answer)}\n`),
  );
});
process.stdout.write('ready\n');
await session.ended;
ended.abort();
lines.close();
process.stdin.unref();
