/** What can be chosen about a mount, and what the kernel or fusermount3 is told of it. */
export interface MountOptions {
  /** Shown as the source, in `mount` and `df`. */
  readonly fsName: string;
  /** The type shown is `fuse.SUBTYPE`. */
  readonly subtype: string;
  readonly readOnly: boolean;
  /** Other users may enter; an ordinary user needs `user_allow_other` in /etc/fuse.conf. */
  readonly allowOther: boolean;
  /** The kernel checks permission bits itself; otherwise it asks with `access`. */
  readonly defaultPermissions: boolean;
  /** fusermount3 stays and unmounts when this process dies, however it dies. */
  readonly autoUnmount: boolean;
}

export const DEFAULT_MOUNT_OPTIONS: MountOptions = {
  fsName: 'odbfs',
  subtype: 'odbfs',
  readOnly: false,
  allowOther: false,
  defaultPermissions: true,
  autoUnmount: false,
};

const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;

/** Set-uid programs and devices of a remote drive are never to be trusted. */
export function mountFlags(options: MountOptions): number {
  return MS_NOSUID | MS_NODEV | (options.readOnly ? MS_RDONLY : 0);
}

/** For mount(2). */
export function kernelOptions(options: MountOptions, device: number): string {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const words = [`fd=${device}`, 'rootmode=40000', `user_id=${uid}`, `group_id=${gid}`];
  if (options.allowOther) words.push('allow_other');
  if (options.defaultPermissions) words.push('default_permissions');
  return words.join(',');
}

/** For `fusermount3 -o`. */
export function fusermountOptions(options: MountOptions): string {
  const words = [
    'nosuid',
    'nodev',
    `fsname=${escapeComma(options.fsName)}`,
    `subtype=${escapeComma(options.subtype)}`,
  ];
  words.push(options.readOnly ? 'ro' : 'rw');
  if (options.allowOther) words.push('allow_other');
  if (options.defaultPermissions) words.push('default_permissions');
  if (options.autoUnmount) words.push('auto_unmount');
  return words.join(',');
}

function escapeComma(value: string): string {
  return value.replace(/[\\,]/g, (character) => `\\${character}`);
}
