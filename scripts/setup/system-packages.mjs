/**
 * Debian packages: finds out which programs, libraries and headers are missing, says so, and installs them by apt as
 * root or with sudo. Without either it names the one command that a person with the rights has to type.
 */
import { existsSync, readFileSync } from 'node:fs';
import { nodeHeaders } from './node-headers.mjs';
import { mustRun, run, SetupError, say, succeeds, which } from './shell.mjs';

/** What `npm run demo` and every mount needs. */
const MOUNT_TOOLS = [{ programs: ['fusermount3'], packages: ['fuse3'] }];

/** What compiling the native parts needs. */
const COMPILERS = [
  { programs: ['cc', 'c++', 'make'], packages: ['build-essential'] },
  { programs: ['python3'], packages: ['python3'] },
];

/** What the tests drive, compare with, or talk to. */
const TEST_TOOLS = [
  { programs: ['git'], packages: ['git'] },
  { programs: ['rsync'], packages: ['rsync'] },
  { programs: ['getfattr', 'attr'], packages: ['attr'] },
  { programs: ['curl'], packages: ['curl'] },
  { programs: ['sqlite3'], packages: ['sqlite3'] },
  { programs: ['vim'], packages: ['vim'] },
  { programs: ['apache2'], packages: ['apache2-bin'] },
  { programs: ['htpasswd'], packages: ['apache2-utils'] },
  { programs: ['rclone'], packages: ['rclone'] },
  { programs: ['mount.davfs'], packages: ['davfs2'] },
  { programs: ['fio'], packages: ['fio'] },
  { programs: ['stress-ng'], packages: ['stress-ng'] },
  { programs: ['fs_mark'], packages: ['fsmark'] },
  { programs: ['aarch64-linux-gnu-gcc'], packages: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'] },
  { programs: ['musl-gcc'], packages: ['musl-tools'] },
  { programs: ['duplicity'], packages: ['duplicity'] },
  { programs: ['borg'], packages: ['borgbackup'] },
  { programs: ['restic'], packages: ['restic'] },
  { programs: ['chromium'], packages: ['chromium'] },
  { programs: ['systemd-analyze'], packages: ['systemd'] },
  { programs: ['openssl'], packages: ['openssl'] },
  { programs: ['ps'], packages: ['procps'] },
  { programs: ['setpriv', 'mount'], packages: ['util-linux', 'mount'] },
  { libraries: ['libfuse.so.2'], packages: ['libfuse2'] },
];

/** What the C server needs that `npm run bench -- bridge` compares the bridges with. */
const REFERENCE_TOOLS = [
  { programs: ['cc'], packages: ['gcc', 'libc6-dev'] },
  { programs: ['pkg-config'], packages: ['pkg-config'] },
  { programs: ['taskset'], packages: ['util-linux'] },
  { files: ['/usr/include/fuse3/fuse_lowlevel.h'], packages: ['libfuse3-dev'] },
];

const APT = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/**
 * Installs what is missing: `{ compilers, tests, reference }` say what for. Tools of tests and measurements that cannot be
 * had stop nothing here.
 */
export async function installSystemPackages({ compilers, tests, reference }) {
  const required = missingPackages([...MOUNT_TOOLS, ...(compilers ? COMPILERS : [])]);
  if (compilers && nodeHeaders() === null && isDebianNode()) required.push('libnode-dev');
  if (required.length > 0) await install(required);
  const wanted = missingPackages([...(tests ? TEST_TOOLS : []), ...(reference ? REFERENCE_TOOLS : [])]);
  if (wanted.length > 0) await installTestTools(wanted);
}

/** All at once; where that fails because one of them cannot be had, each for itself. */
async function installTestTools(packages) {
  const failed = await isRefused(packages);
  if (failed === null) return;
  const lacking = [];
  if (packages.length > 1)
    for (const one of packages) if ((await isRefused([one], { update: false })) !== null) lacking.push(one);
  const names = (packages.length > 1 ? lacking : packages).join(', ');
  if (names !== '')
    say(`without ${names} the tests and measurements that need them are skipped or fail: ${failed}`);
}

/** Why they could not be installed, in one line; null: they were. */
async function isRefused(packages, options = {}) {
  try {
    await install(packages, options);
    return null;
  } catch (error) {
    return error.message.split('\n')[0];
  }
}

function missingPackages(tools) {
  const missing = tools.filter(
    ({ programs = [], libraries = [], files = [] }) =>
      programs.some((program) => which(program) === null) ||
      libraries.some((library) => !isLibraryKnown(library)) ||
      files.some((file) => !existsSync(file)),
  );
  return [...new Set(missing.flatMap(({ packages }) => packages))];
}

/** The loader's own list of what it finds, by name with a zero at its end; `ldconfig -p` prints it. */
function isLibraryKnown(name) {
  const list = '/etc/ld.so.cache';
  return existsSync(list) && readFileSync(list).includes(`${name}\0`);
}

async function install(packages, { update = true } = {}) {
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (which('apt-get') === null) {
    throw new SetupError(
      `missing: ${packages.join(', ')} (names as in Debian); install them, then try again`,
    );
  }
  const rights = rightsToInstall();
  if (rights === null) throw new SetupError(`missing Debian packages; as root run: ${command}`);
  say(`installing Debian packages: ${packages.join(' ')}`);
  const terminal = rights.includes('sudo') && !rights.includes('-n');
  const [program, ...before] = [...rights, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const options = { terminal };
  const first = await run(program, [...before, 'install', ...APT, ...packages], options);
  if (first.ok) return;
  if (!update) throw new SetupError(`${command} failed`);
  await run(program, [...before, 'update', '-q'], options);
  await mustRun(command, program, [...before, 'install', ...APT, ...packages], options);
}

/** The words before a command that make it run as root; null when there is no way. */
function rightsToInstall() {
  if (process.getuid?.() === 0) return [];
  if (which('sudo') === null) return null;
  if (succeeds('sudo', ['-n', 'true'])) return ['sudo', '-n'];
  const somebodyIsThere = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI;
  return somebodyIsThere ? ['sudo'] : null;
}

/** Node from Debian itself keeps its headers in a package of their own. */
function isDebianNode() {
  if (!existsSync('/var/lib/dpkg/status')) return false;
  const record = readFileSync('/var/lib/dpkg/status', 'utf8')
    .split('\n\n')
    .find((text) => text.startsWith('Package: nodejs\n'));
  return record !== undefined && /^Maintainer: .*debian/im.test(record);
}
