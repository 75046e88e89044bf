/** package-lock.json names every package that any platform needs: `npm ci` of npm 11 refuses it otherwise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

test('every dependency of every package is locked', () => {
  const file = join(import.meta.dirname, '../../../package-lock.json');
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> };
  const missing = Object.entries(packages).flatMap(([path, locked]) => {
    const names = Object.keys({
      ...locked.dependencies,
      ...locked.optionalDependencies,
      ...(path === '' ? locked.devDependencies : {}),
    });
    return names
      .filter((name) => !isFound(packages, path, name))
      .map((name) => `${path || 'odbfs'} needs ${name}`);
  });
  assert.deepEqual(missing, []);
});

/** As Node looks for packages: in the package's own node_modules, then in each above. */
function isFound(packages: Record<string, LockedPackage>, path: string, name: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if (at === '.') return `node_modules/${name}` in packages;
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
    if (at === '') return false;
  }
}
