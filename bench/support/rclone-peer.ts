import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MountedPeer, Peer } from './peer.js';
import { isMounted, residentMiBOf, shell, until } from './processes.js';
import type { StandinClient } from './standin-client.js';

/** rclone with the flags that an expert would give it: full cache, parallel transfers, a long directory cache. */
export const rclone: Peer = {
  name: 'rclone',
  async mount(server: StandinClient, mountpoint: string, stateDirectory: string): Promise<MountedPeer> {
    mkdirSync(stateDirectory, { recursive: true });
    const config = join(stateDirectory, 'rclone.conf');
    const cookie = await server.cookies();
    const header = `headers = Cookie,"${cookie.replaceAll('"', '""')}"`;
    writeFileSync(config, `[drive]\ntype = webdav\nurl = ${server.library}\nvendor = other\n${header}\n`, {
      mode: 0o600,
    });
    const child = spawn('rclone', argumentsFor(config, mountpoint, stateDirectory), { stdio: 'ignore' });
    await until(async () => isMounted(mountpoint), 20_000, 'rclone mount');
    return { residentMiB: () => residentMiBOf(child.pid!), unmount: () => unmount(child, mountpoint) };
  },
};

function argumentsFor(config: string, mountpoint: string, stateDirectory: string): string[] {
  return [
    ...['--config', config, '--cache-dir', join(stateDirectory, 'cache')],
    ...['--vfs-cache-mode', 'full', '--vfs-write-back', '1s', '--transfers', '8', '--checkers', '8'],
    ...['--dir-cache-time', '10m', '--attr-timeout', '30s', '--vfs-read-chunk-size', '4M'],
    ...['mount', 'drive:', mountpoint],
  ];
}

async function unmount(child: ChildProcess, mountpoint: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await shell(`fusermount3 -uz '${mountpoint}'`);
  await ended;
}
