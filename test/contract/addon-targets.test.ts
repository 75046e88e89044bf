/**
 * The addon for machines that are not this one: it compiles without a warning for arm64 and for musl, is what it says it
 * is, and is loaded by that machine's own loader, with stand-ins for what the node binary exports.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { loadAddon } from '../../src/fuse/addon.js';
import { hasProgram, missingPrograms } from '../support/programs.js';

const ROOT = join(import.meta.dirname, '../../..');
const X86_64 = 62;
const AARCH64 = 183;

interface Target {
  readonly name: string;
  readonly compiler: string;
  readonly machine: number;
  /** The command that runs a program for it; null: there is none here. */
  readonly runner: readonly string[] | null;
}

const TARGETS: readonly Target[] = [
  {
    name: 'linux-arm64-glibc',
    compiler: 'aarch64-linux-gnu-gcc',
    machine: AARCH64,
    runner: hasProgram('qemu-aarch64-static')
      ? ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu']
      : null,
  },
  {
    name: 'linux-x64-musl',
    compiler: 'musl-gcc',
    machine: X86_64,
    runner: existsSync('/lib/ld-musl-x86_64.so.1') ? [] : null,
  },
];

for (const target of TARGETS) {
  test(`${target.name}: compiles, and is loaded there`, {
    skip: missingPrograms(target.compiler, 'nm') || (process.arch !== 'x64' && 'the compilers are for x64'),
  }, (context) => {
    const addon = build(target);
    for (const file of [addon, join(dirname(addon), 'odbfs_guard')])
      assert.equal(readFileSync(file).readUInt16LE(18), target.machine);
    if (target.runner === null) context.diagnostic('compiled only: nothing here runs it');
    else assert.deepEqual(load(context, target, addon), Object.keys(loadAddon()));
  });
}

function build({ name, compiler }: Target): string {
  const words = [join(ROOT, 'native-build', 'build.mjs'), '--target', name];
  const env = { ...process.env, CC: compiler };
  return execFileSync(process.execPath, words, { encoding: 'utf8', env }).trim();
}

/** A program that exports what the addon takes from node, loads it, and prints the names of the functions it defines. */
function load(context: TestContext, { compiler, runner }: Target, addon: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-target-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [source, host] = [join(folder, 'host.c'), join(folder, 'host')];
  writeFileSync(source, hostSource(addon));
  execFileSync(compiler, ['-w', '-rdynamic', source, '-o', host, '-ldl']);
  const [command, ...rest] = [...(runner ?? []), host, addon];
  return execFileSync(command!, rest, { encoding: 'utf8', timeout: 20_000 }).trim().split('\n');
}

function hostSource(addon: string): string {
  const symbols = execFileSync('nm', ['-D', '--undefined-only', addon], { encoding: 'utf8' });
  const taken = [...symbols.matchAll(/ U ((?:napi|uv|node)_\w+)/g)].map((match) => match[1]);
  const standIns = taken.filter((name) => name !== 'napi_create_function');
  return `#include <dlfcn.h>
#include <stdio.h>
${standIns.map((name) => `int ${name}() { return 0; }`).join('\n')}
int napi_create_function(void *env, const char *name) { puts(name); return 0; }
int main(int count, char **words) {
  void *addon = dlopen(words[1], RTLD_NOW);
  void *(*begin)(void *, void *) = addon ? dlsym(addon, "napi_register_module_v1") : 0;
  if (!begin) return fputs(dlerror(), stderr), 1;
  begin(0, 0);
  return 0;
}
`;
}

test('a prebuilt addon is taken as it is, where nothing could build one', (context) => {
  const { folder, prebuilt } = prebuiltPackage(context);
  assert.ok(
    prebuilt.startsWith(join(folder, 'native-build', 'prebuilt', `linux-${process.arch}-`)),
    prebuilt,
  );
  assert.equal(loadedBy(folder, { PATH: '/nowhere', CC: '/nowhere/cc' }), prebuilt);
});

test('a prebuilt addon for another machine is not taken: one is built', {
  skip: missingPrograms('cc'),
}, (context) => {
  const { folder, prebuilt } = prebuiltPackage(context);
  renameSync(dirname(prebuilt), join(dirname(dirname(prebuilt)), 'linux-riscv64-glibc'));
  const built = prebuilt.replace('/prebuilt/', '/build/');
  assert.equal(loadedBy(folder, process.env), built);
});

for (const damage of ["another machine's", 'empty']) {
  test(`a prebuilt addon under this machine's name that is ${damage} is not taken: one is built`, {
    skip: missingPrograms('cc'),
  }, (context) => {
    const { folder, prebuilt } = prebuiltPackage(context);
    writeFileSync(prebuilt, damaged(readFileSync(prebuilt), damage));
    assert.equal(loadedBy(folder, process.env), prebuilt.replace('/prebuilt/', '/build/'));
  });
}

function damaged(addon: Buffer, how: string): Buffer {
  if (how === 'empty') return Buffer.alloc(0);
  addon.writeUInt16LE(addon.readUInt16LE(18) === AARCH64 ? X86_64 : AARCH64, 18);
  return addon;
}

/** Compiled once; each test has a copy of its own, to take it apart. */
let original: string | null = null;
after(() => {
  if (original !== null) rmSync(original, { recursive: true });
});

function prebuiltPackage(context: TestContext): { readonly folder: string; readonly prebuilt: string } {
  if (original === null) {
    original = packageCopy();
    prebuild(original);
  }
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-prebuilt-'));
  context.after(() => rmSync(folder, { recursive: true }));
  execFileSync('cp', ['-r', `${original}/.`, folder]);
  return { folder, prebuilt: prebuild(folder) };
}

/** What an installed package has: the compiled program and the sources of the addon, nothing built. */
function packageCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-prebuilt-'));
  execFileSync('cp', ['-r', join(ROOT, 'dist', 'src'), join(ROOT, 'package.json'), folder]);
  execFileSync('mkdir', [join(folder, 'native-build')]);
  const native = ['src', 'guard', 'build.mjs'].map((name) => join(ROOT, 'native-build', name));
  execFileSync('cp', ['-r', ...native, `${folder}/native-build`]);
  execFileSync('ln', ['-s', join(ROOT, 'node_modules'), folder]);
  return folder;
}

/** Returns the path of the addon; what is up to date is not built again. */
function prebuild(folder: string): string {
  const words = [join(folder, 'native-build', 'build.mjs'), '--prebuild'];
  return execFileSync(process.execPath, words, { encoding: 'utf8' }).trim();
}

/** The addon that a process of that package has loaded. */
function loadedBy(folder: string, env: NodeJS.ProcessEnv): string {
  const script = `const { loadAddon } = await import(${JSON.stringify(join(folder, 'src/fuse/addon.js'))});
    loadAddon();
    console.log(process.report.getReport().sharedObjects.filter((path) => path.endsWith('odbfs_fuse.node')).join());`;
  const words = ['--input-type=module', '-e', script];
  return execFileSync(process.execPath, words, { encoding: 'utf8', env }).trim();
}
