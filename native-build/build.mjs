/**
 * Builds the bridge addon with the C compiler and Node's own headers; nothing else is needed. Beside it comes the guard, a
 * program of its own (guard/guard.c).
 *
 *   node build.mjs              native-build/build/<target>/odbfs_fuse.node, unless it is up to date
 *   node build.mjs --prebuild   native-build/prebuilt/<target>/odbfs_fuse.node, stripped
 *   node build.mjs --sanitize   with AddressSanitizer and UBSan, in native-build/build/<target>-sanitized/
 *   --target linux-arm64-musl   for another machine (CC names the cross compiler)
 *   --print                     only says where the result is
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, 'src');
const GUARD_SOURCE = join(HERE, 'guard', 'guard.c');
const WARNINGS = ['-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Wstrict-prototypes', '-Wvla', '-Werror'];
const OPTIMISED = ['-O2', '-D_FORTIFY_SOURCE=2', '-fstack-protector-strong'];
const SANITIZED = ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'];

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`odbfs: cannot build the FUSE addon: ${error.message}`);
  process.exitCode = 1;
}

function main(words) {
  const isPrebuild = words.includes('--prebuild');
  const isSanitized = words.includes('--sanitize');
  const at = words.indexOf('--target');
  const target = at >= 0 ? words[at + 1] : hostTarget();
  const folder = join(HERE, isPrebuild ? 'prebuilt' : 'build', isSanitized ? `${target}-sanitized` : target);
  const output = join(folder, 'odbfs_fuse.node');
  const guard = join(folder, 'odbfs_guard');
  if (!words.includes('--print')) build({ folder, output, guard, isPrebuild, isSanitized });
  console.log(output);
}

function build({ folder, output, guard, isPrebuild, isSanitized }) {
  const files = readdirSync(SOURCES)
    .sort()
    .map((name) => join(SOURCES, name));
  const common = [
    ...['-std=c11', ...WARNINGS],
    ...(isSanitized ? SANITIZED : OPTIMISED),
    ...(isPrebuild ? ['-s'] : []),
  ];
  const addon = [...common, '-shared', '-fPIC', '-pthread', '-fvisibility=hidden'];
  const stamp = stampOf([...files, GUARD_SOURCE], addon);
  const stampFile = `${output}.stamp`;
  const isThere = existsSync(output) && existsSync(guard) && existsSync(stampFile);
  if (isThere && readFileSync(stampFile, 'utf8') === stamp) return markNewest(stampFile);
  mkdirSync(folder, { recursive: true });
  const sources = files.filter((name) => name.endsWith('.c'));
  compile([...addon, `-I${nodeHeaders()}`, ...sources], output);
  compile([...common, GUARD_SOURCE], guard);
  writeFileSync(stampFile, stamp);
}

/** Who loads it sees by that that there is nothing to build, if this user may write there. */
function markNewest(stampFile) {
  const now = new Date();
  try {
    utimesSync(stampFile, now, now);
  } catch {}
}

function compile(words, output) {
  const unfinished = `${output}.${process.pid}`;
  runCompiler([...words, '-o', unfinished]);
  renameSync(unfinished, output);
}

function runCompiler(words) {
  const compiler = process.env.CC ?? 'cc';
  try {
    execFileSync(compiler, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error(`no C compiler: "${compiler}" is not installed (package gcc)`);
    throw new Error(`${compiler} failed:\n${error.stderr}`);
  }
}

/** N-API is stable across Node's versions; a new ABI builds anew all the same, it takes a second. */
function stampOf(files, flags) {
  const hash = createHash('sha256').update([process.env.CC ?? 'cc', process.versions.modules, ...flags].join('\n'));
  for (const file of files) hash.update(`\n${basename(file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

function nodeHeaders() {
  const candidates = [
    join(dirname(process.execPath), '..', 'include', 'node'),
    '/usr/include/node',
    '/usr/include/nodejs/src',
    headersPackage(),
  ];
  const found = candidates.find((folder) => folder !== null && existsSync(join(folder, 'node_api.h')));
  if (found !== undefined) return found;
  throw new Error('node_api.h was not found: install the npm package node-api-headers');
}

function headersPackage() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
  } catch {
    return null;
  }
}

/** Must agree with src/fuse/addon.ts. */
function hostTarget() {
  if (process.platform !== 'linux') throw new Error(`it is for Linux, not ${process.platform}`);
  return `linux-${process.arch}-${usesGlibc() ? 'glibc' : 'musl'}`;
}

/** src/fuse/addon.ts tells it by what is loaded. */
function usesGlibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}
