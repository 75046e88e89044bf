/** Our own code: the bridge addon (native-build/) and TypeScript to dist/, only when sources are newer. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT, say } from './shell.mjs';

const SOURCES = ['src', 'test', 'bench', 'tsconfig.json', 'package-lock.json'];
const STAMP = join(ROOT, 'dist', '.compiled');
const PROGRAM = join(ROOT, 'dist', 'src', 'main.js');

export async function compileAddon() {
  const script = join(ROOT, 'native-build', 'build.mjs');
  if (!existsSync(script)) return;
  await mustRun('building the kernel bridge', process.execPath, [script]);
}

export async function compileTypeScript() {
  if (isCompiled()) return;
  say('compiling TypeScript');
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await mustRun('tsc', process.execPath, [compiler, '-p', ROOT]);
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(STAMP, '');
}

function isCompiled() {
  if (!existsSync(STAMP) || !existsSync(PROGRAM)) return false;
  return SOURCES.every((source) => newestMs(join(ROOT, source)) <= statSync(STAMP).mtimeMs);
}

/** The newest modification below a path, folders included, so that a removed file counts. */
function newestMs(path) {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestMs(join(path, name))),
    own.mtimeMs,
  );
}
