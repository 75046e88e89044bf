import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MountedPeer, Peer } from './peer.js';
import { residentMiBOf, run } from './processes.js';
import type { StandinClient } from './standin-client.js';

/** davfs2 as its users run it against SharePoint: a cookie header, no locks. Its cache is the system's. Needs root. */
export const davfs2: Peer = {
  name: 'davfs2',
  async mount(server: StandinClient, mountpoint: string, stateDirectory: string): Promise<MountedPeer> {
    mkdirSync(stateDirectory, { recursive: true });
    const config = join(stateDirectory, 'davfs2.conf');
    writeFileSync(config, configuration(await server.cookies()), { mode: 0o600 });
    const options = `conf=${config},username=none,uid=0,gid=0`;
    await run('sh', [
      '-c',
      `printf '\\n\\n' | mount.davfs '${server.library}' '${mountpoint}' -o '${options}'`,
    ]);
    const pid = processOf(mountpoint);
    return {
      residentMiB: () => residentMiBOf(pid),
      unmount: async () => void (await run('umount.davfs', [mountpoint])),
    };
  },
};

function configuration(cookie: string): string {
  return [
    'use_locks 0',
    'ask_auth 0',
    'delay_upload 1',
    'cache_size 4096',
    // Its default of 16 KiB is less than a kernel since 6.16 asks for in one readdir: EINVAL at the first `ls`.
    'buf_size 256',
    `add_header Cookie "${cookie}"`,
    '',
  ].join('\n');
}

function processOf(mountpoint: string): number {
  const file = `/var/run/mount.davfs/${mountpoint.slice(1).replaceAll('/', '-')}.pid`;
  return Number(readFileSync(file, 'utf8').trim());
}
