/**
 * npm packages exactly as in package-lock.json. Install scripts never run: npm versions differ in what they do with
 * them, and the native parts are built explicitly afterwards.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT, say } from './shell.mjs';

export async function installNpmPackages() {
  if (matchesLock()) return;
  say('installing npm packages from package-lock.json');
  await mustRun('npm ci', 'npm', [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
  ]);
}

/** True when every package of the lock file that belongs on this machine is here in its version. */
function matchesLock() {
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = packagesIn(installedFile);
  return Object.entries(packagesIn(join(ROOT, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const present = installed[path];
    if (present === undefined) return wanted.optional === true;
    return present.version === wanted.version && existsSync(join(ROOT, path, 'package.json'));
  });
}

function packagesIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}
