/** The rooms of `src/` and who may import whom, exactly as the table in docs/ARCHITECTURE.md says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE = join(ROOT, 'src');

/** Packages that only some rooms may know. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['base', 'spool'],
  undici: ['sharepoint'],
  webdav: ['sharepoint'],
  'node:http': ['sharepoint', 'standin'],
  'node:https': ['sharepoint', 'standin'],
  'fuse-native': ['fuse'],
  commander: ['cli'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

test('every import goes the way that the table allows, and through the front door', () => {
  const allowed = tableOf(readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8'));
  const wrong = imports().flatMap(({ file, room, target }) => {
    if (!target.startsWith('.')) return [];
    const place = relative(SOURCE, join(dirname(join(SOURCE, file)), target));
    const [targetRoom = '', ...inside] = place.split(sep);
    if (targetRoom === room) return [];
    if (!allowed.get(room)?.has(targetRoom)) return [`${file}: ${room}/ may not import ${targetRoom}/`];
    return inside.join('/') === 'index.js'
      ? []
      : [`${file}: ${targetRoom}/ is entered through its index.js only`];
  });
  assert.deepEqual(wrong, []);
});

test('packages with a meaning of their own stay in the rooms that know it', () => {
  const wrong = imports().flatMap(({ file, room, target }) => {
    const rooms = RESERVED[target];
    return rooms === undefined || rooms.includes(room)
      ? []
      : [`${file}: ${target} belongs to ${rooms.join(', ')}`];
  });
  assert.deepEqual(wrong, []);
});

test('every room of the table exists, and no other', () => {
  const allowed = tableOf(readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8'));
  const rooms = readdirSync(SOURCE, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  assert.deepEqual(rooms.sort(), [...allowed.keys()].sort());
});

test('no command loads what knows servers or mounts before it needs that', () => {
  const heavy = new Set(['sharepoint', 'standin', 'spool', 'cache', 'fs', 'fuse']);
  const commands = readdirSync(join(SOURCE, 'cli', 'commands')).map((name) => join('cli', 'commands', name));
  const begin = [join('cli', 'index.ts'), ...commands];
  const wrong = loadedAtStart(begin).filter((file) => heavy.has(file.split(sep)[0]!));
  assert.deepEqual(wrong, []);
});

/** What is there once these are: by `import` of more than types, not by `import()`. */
function loadedAtStart(begin: readonly string[]): string[] {
  const loaded = new Set(begin);
  for (const file of loaded) {
    const code = readFileSync(join(SOURCE, file), 'utf8');
    for (const [, target] of code.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gms))
      loaded.add(join(dirname(file), target!).replace(/\.js$/, '.ts'));
  }
  return [...loaded];
}

/** The third column: room names, `all above`, or a dash for none. */
function tableOf(text: string): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  for (const [, room, may] of text.matchAll(/^\| `(\w+)\/` \|[^|]*\| ([^|]*?) \|$/gm)) {
    const names = may === 'all above' ? [...table.keys()] : may!.split(', ').filter((name) => name !== '—');
    table.set(room!, new Set(names));
  }
  assert.ok(table.size >= 10, 'the table was not found');
  return table;
}

function imports(): Import[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files
    .filter((file) => file !== 'main.ts')
    .flatMap((file) => {
      const code = readFileSync(join(SOURCE, file), 'utf8');
      const found = code.matchAll(
        /^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gms,
      );
      return [...found].map((match) => ({
        file,
        room: file.split(sep)[0]!,
        target: (match[1] ?? match[2] ?? match[3])!,
      }));
    });
}
