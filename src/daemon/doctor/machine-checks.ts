/** What this machine must have before anything can be mounted. */
import { closeSync, constants, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { openDatabase } from '../../base/index.js';
import { type Finding, good, problem, warning } from './finding.js';

const OLDEST_NODE = 20;
/** FUSE 7.31, which the bridge negotiates at least. */
const OLDEST_KERNEL = [5, 4] as const;

export async function machineChecks(allowOther: boolean): Promise<Finding[]> {
  return [
    nodeVersion(process.versions.node),
    kernelVersion(release()),
    fuseDevice(),
    fusermount(),
    ...(allowOther ? [othersAllowed()] : []),
    await bridge(),
    database(),
    serviceManager(),
  ];
}

export function nodeVersion(version: string): Finding {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return good('Node', version);
  return problem('Node', `${version} is too old`, `install Node ${OLDEST_NODE} or newer`);
}

export function kernelVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_KERNEL;
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  if (isNewEnough) return good('Linux', version);
  return problem('Linux', `${version} is too old`, `boot Linux ${OLDEST_KERNEL.join('.')} or newer`);
}

function fuseDevice(): Finding {
  if (!existsSync('/dev/fuse')) {
    return problem(
      'FUSE device',
      '/dev/fuse is missing',
      'run: sudo modprobe fuse (in a container: --device /dev/fuse)',
    );
  }
  try {
    closeSync(openSync('/dev/fuse', constants.O_RDWR));
    return good('FUSE device', '/dev/fuse may be opened');
  } catch {
    return problem('FUSE device', '/dev/fuse may not be opened by you', 'run: sudo chmod 0666 /dev/fuse');
  }
}

function fusermount(): Finding {
  const file = (process.env.PATH ?? '/usr/bin:/bin')
    .split(delimiter)
    .map((folder) => join(folder, 'fusermount3'))
    .find((path) => existsSync(path));
  if (process.getuid?.() === 0) return good('fusermount3', file ?? 'not needed: you are root');
  if (file === undefined)
    return problem('fusermount3', 'is not installed', 'run: sudo apt-get install fuse3');
  if ((statSync(file).mode & constants.S_IFMT) !== 0 && (statSync(file).mode & 0o4000) !== 0) {
    return good('fusermount3', file);
  }
  return problem(
    'fusermount3',
    `${file} is not set-uid, so you may not mount`,
    `run: sudo chmod u+s ${file}`,
  );
}

function othersAllowed(): Finding {
  if (process.getuid?.() === 0) return good('allow_other', 'root may');
  const text = existsSync('/etc/fuse.conf') ? readFileSync('/etc/fuse.conf', 'utf8') : '';
  if (/^\s*user_allow_other\s*$/m.test(text)) return good('allow_other', 'allowed by /etc/fuse.conf');
  return problem('allow_other', 'is not allowed here', 'write the line user_allow_other into /etc/fuse.conf');
}

async function bridge(): Promise<Finding> {
  const { checkBridge } = await import('../../fuse/index.js');
  const reason = checkBridge();
  if (reason === null) return good('kernel bridge', 'loads');
  return problem('kernel bridge', reason, 'run: npm run compile (in the folder of odbfs)');
}

function database(): Finding {
  try {
    openDatabase({ path: ':memory:', migrations: [] }).close();
    return good('database', 'loads');
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!;
    return problem(
      'database',
      `better-sqlite3 does not load: ${reason}`,
      'run: npm run compile (in the folder of odbfs)',
    );
  }
}

function serviceManager(): Finding {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && existsSync(join(runtime, 'systemd', 'private'))) {
    return good('systemd user session', 'runs');
  }
  return warning(
    'systemd user session',
    'there is none, so odbfs@ACCOUNT can not be started at login',
    'log in at a desktop or by ssh, or run: sudo loginctl enable-linger $USER',
  );
}
