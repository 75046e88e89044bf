/**
 * npm packages with native code: better-sqlite3, which must work, and fuse-native, which may. A package that loads in
 * this Node is left alone; else a prebuilt binary is tried for a moment, then it is compiled.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeHeaders } from './node-headers.mjs';
import { mustRun, ROOT, run, say, succeeds, which } from './shell.mjs';

const PREBUILT_TIMEOUT_MS = 20_000;
const OPTIONAL_BUILD_TIMEOUT_MS = 120_000;
const SQLITE_WORKS = "const D = require('better-sqlite3'); new D(':memory:').exec('select 1')";

export function sqliteWorks() {
  return succeeds(process.execPath, ['-e', SQLITE_WORKS]);
}

/** Tries to get better-sqlite3 without a compiler. */
export async function fetchSqlite() {
  const tool = join(ROOT, 'node_modules', 'prebuild-install', 'bin.js');
  if (!existsSync(tool)) return;
  await run(process.execPath, [tool], {
    cwd: packageFolder('better-sqlite3'),
    timeoutMs: PREBUILT_TIMEOUT_MS,
  });
}

export async function buildSqlite() {
  say('compiling better-sqlite3 (about two minutes, once)');
  const [program, args] = await nodeGyp(['rebuild', '--release']);
  await mustRun('compiling better-sqlite3', program, args, {
    cwd: packageFolder('better-sqlite3'),
    env: BUILD_ENVIRONMENT,
  });
}

/** The second bridge is optional: quiet, bounded, and whatever happens is fine. */
export async function tryFuseNative() {
  const folder = packageFolder('fuse-native');
  if (!existsSync(folder) || succeeds(process.execPath, ['-e', "require('fuse-native')"])) return;
  if (!existsSync('/usr/include/fuse/fuse.h')) return;
  const [program, args] = await nodeGyp(['rebuild', '--release']);
  await run(program, args, { cwd: folder, env: BUILD_ENVIRONMENT, timeoutMs: OPTIONAL_BUILD_TIMEOUT_MS });
}

/** npm hands its own settings to scripts; node-gyp would complain about those that it does not know. */
const BUILD_ENVIRONMENT = {
  MAKEFLAGS: `-j${Math.max(1, Math.min(4, (await import('node:os')).availableParallelism?.() ?? 2))}`,
  npm_config_nodedir: undefined,
};

function packageFolder(name) {
  return join(ROOT, 'node_modules', name);
}

async function nodeGyp(args) {
  const headers = nodeHeaders();
  const where = headers === null ? [] : [`--nodedir=${headers}`];
  return [process.execPath, [await findNodeGyp(), ...args, ...where]];
}

/** npm carries node-gyp; Debian packages it beside npm; as a last resort the registry has it. */
async function findNodeGyp() {
  const npm = which('npm');
  const npmFolder = npm === null ? '/usr/share/nodejs/npm' : dirname(dirname(realpathSync(npm)));
  const ours = join(ROOT, '.state', 'node-gyp');
  const candidates = [
    join(npmFolder, 'node_modules', 'node-gyp'),
    '/usr/share/nodejs/node-gyp',
    '/usr/lib/node_modules/npm/node_modules/node-gyp',
    join(ours, 'node_modules', 'node-gyp'),
  ].map((folder) => join(folder, 'bin', 'node-gyp.js'));
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  await mustRun('fetching node-gyp', 'npm', [
    'install',
    '--prefix',
    ours,
    '--no-save',
    '--ignore-scripts',
    'node-gyp@11',
  ]);
  return candidates.at(-1);
}
