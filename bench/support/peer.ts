import type { StandinClient } from './standin-client.js';

/** A program that mounts the drive: ours or a peer. */
export interface Peer {
  readonly name: string;
  /** Mounts `server`'s library at `mountpoint` with fresh caches below `stateDirectory`. */
  mount(server: StandinClient, mountpoint: string, stateDirectory: string): Promise<MountedPeer>;
}

export interface MountedPeer {
  /** Resident memory of the program, MiB. */
  residentMiB(): number;
  /** Drops the peer's own memory of the drive as far as it lets us (a remount), keeping its disk cache. */
  unmount(): Promise<void>;
}
