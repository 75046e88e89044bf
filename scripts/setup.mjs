/**
 * From a fresh clone to a program that runs: Debian packages, npm packages, native code, TypeScript, each only if it
 * is missing. Needs Node >= 20 and npm, nothing else; a second run takes about a second.
 *
 *   node scripts/setup.mjs           what running odbfs needs
 *   node scripts/setup.mjs --tests   and what its tests need
 */
import { chmodSync, existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { compileAddon, compileTypeScript } from './setup/compile.mjs';
import { buildSqlite, fetchSqlite, sqliteWorks, tryFuseNative } from './setup/native-packages.mjs';
import { installNpmPackages } from './setup/npm-packages.mjs';
import { beginLog, SetupError, say, succeeds, which } from './setup/shell.mjs';
import { installSystemPackages } from './setup/system-packages.mjs';

const OLDEST_NODE = 20;

/** `reference`: also what the C server of `npm run bench -- bridge` is compiled with. */
export async function setUp({ tests, reference = false }) {
  beginLog();
  checkNode();
  await installNpmPackages();
  if (!sqliteWorks()) await fetchSqlite();
  const compileSqlite = !sqliteWorks();
  await installSystemPackages({ compilers: compileSqlite || which('cc') === null, tests, reference });
  // SQLite is one file, which takes one processor longer than all the rest.
  await Promise.all([compileSqlite ? buildSqlite() : null, compileOthers({ tests })]);
  openFuseDevice({ forEverybody: tests });
}

async function compileOthers({ tests }) {
  if (tests) await tryFuseNative();
  await compileAddon();
  await compileTypeScript();
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new SetupError(`odbfs needs Node ${OLDEST_NODE} or newer; this is ${process.version}`);
  }
}

/**
 * Containers often come without the device, or with one that only root may open. Root may mend the first; the second
 * only matters to tests that mount as an ordinary user, so a plain run leaves it as it is.
 */
function openFuseDevice({ forEverybody }) {
  if (process.getuid?.() !== 0) return;
  if (!existsSync('/dev/fuse')) succeeds('modprobe', ['fuse']);
  if (!existsSync('/dev/fuse')) succeeds('mknod', ['-m', '666', '/dev/fuse', 'c', '10', '229']);
  if (!existsSync('/dev/fuse')) return say('there is no /dev/fuse here: mounting will not work');
  if (forEverybody && (statSync('/dev/fuse').mode & 0o666) !== 0o666) chmodSync('/dev/fuse', 0o666);
}

/** Runs `work`; a failed set-up is one clear message and exit code 1. */
export async function orExit(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`setup: ${error.message}\n`);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await orExit(() => setUp({ tests: process.argv.includes('--tests') }));
}
