/**
 * Gets a mounted device from the kernel and takes the mount away again: by system call as root, through fusermount3
 * otherwise. Never looks into the mount itself, which would wait for ourselves.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { Addon } from './addon.js';
import { fusermountOptions, kernelOptions, type MountOptions, mountFlags } from './mount-options.js';

const MNT_FORCE = 1;
const MNT_DETACH = 2;
const FUSERMOUNT = 'fusermount3';
const FUSERMOUNT_TIMEOUT_MS = 20_000;
const LONGEST_COMPLAINT = 1024;

export class MountError extends Error {
  override readonly name = 'MountError';
  /** `EBUSY`: files are open in it. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export interface Mounted {
  /** As the kernel shows it. */
  readonly mountpoint: string;
  readonly device: number;
  /** The file that ends the connection when something is written to it; null when it cannot be known. */
  readonly abortPath: string | null;
  readonly throughFusermount: boolean;
}

export async function mountDevice(addon: Addon, wanted: string, options: MountOptions): Promise<Mounted> {
  const mountpoint = await usableMountpoint(addon, wanted, options);
  const throughFusermount = options.autoUnmount || process.geteuid?.() !== 0;
  const device = throughFusermount
    ? await mountThroughFusermount(addon, mountpoint, options)
    : await mountAsRoot(addon, mountpoint, options);
  return { mountpoint, device, abortPath: await abortPathOf(mountpoint), throughFusermount };
}

/** The real path of a folder. A dead mount of the same kind that lies there (its daemon was killed) is removed. */
async function usableMountpoint(addon: Addon, wanted: string, options: MountOptions): Promise<string> {
  try {
    const resolved = await realpath(wanted);
    if (!(await stat(resolved)).isDirectory()) throw new MountError('ENOTDIR', `${wanted} is not a folder`);
    return resolved;
  } catch (error) {
    if (!isCode(error, 'ENOTCONN')) throw error;
    const dead = await findMount(wanted);
    if (dead?.type !== `fuse.${options.subtype}`) throw error;
    await detach(addon, wanted, { lazy: true, throughFusermount: process.geteuid?.() !== 0 });
    return realpath(wanted);
  }
}

async function mountAsRoot(addon: Addon, mountpoint: string, options: MountOptions): Promise<number> {
  const device = addon.openDevice();
  try {
    const type = `fuse.${options.subtype}`;
    await addon.mount(options.fsName, mountpoint, type, mountFlags(options), kernelOptions(options, device));
    return device;
  } catch (error) {
    addon.closeDescriptor(device);
    throw new MountError(codeOf(error), `cannot mount on ${mountpoint}: ${messageOf(error)}`, error);
  }
}

async function mountThroughFusermount(
  addon: Addon,
  mountpoint: string,
  options: MountOptions,
): Promise<number> {
  const [ours, theirs] = addon.socketPair();
  let child: ChildProcess;
  try {
    child = spawn(FUSERMOUNT, ['-o', fusermountOptions(options), '--', mountpoint], {
      stdio: ['ignore', 'ignore', 'pipe', theirs],
      env: { ...process.env, _FUSE_COMMFD: '3' },
    });
  } finally {
    addon.closeDescriptor(theirs);
  }
  const complaint = collectComplaint(child);
  try {
    const device = await addon.receiveDescriptor(ours);
    child.unref();
    // The helper unmounts as soon as the socket is closed: with auto_unmount, it stays open as long as this process.
    if (!options.autoUnmount) addon.closeDescriptor(ours);
    return device;
  } catch (error) {
    addon.closeDescriptor(ours);
    throw new MountError(codeOf(error), `cannot mount on ${mountpoint}: ${await complaint}`, error);
  }
}

/** What fusermount3 said, once it has ended; never rejects. */
function collectComplaint(child: ChildProcess): Promise<string> {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(0, LONGEST_COMPLAINT);
  });
  (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
  return new Promise((resolve) => {
    child.once('error', (error) =>
      resolve(isCode(error, 'ENOENT') ? `${FUSERMOUNT} is not installed` : error.message),
    );
    child.once('close', (code) => resolve(text.trim().split('\n')[0] || `${FUSERMOUNT} ended with ${code}`));
  });
}

/** Rejects with a `MountError`; its code is EBUSY when files are open and `lazy` was not asked for. */
export async function detach(
  addon: Addon,
  mountpoint: string,
  { lazy, throughFusermount }: { readonly lazy: boolean; readonly throughFusermount: boolean },
): Promise<void> {
  if (throughFusermount && process.geteuid?.() !== 0) return detachThroughFusermount(mountpoint, lazy);
  try {
    await addon.unmount(mountpoint, lazy ? MNT_DETACH : 0);
  } catch (error) {
    throw new MountError(codeOf(error), `cannot unmount ${mountpoint}: ${messageOf(error)}`, error);
  }
}

function detachThroughFusermount(mountpoint: string, lazy: boolean): Promise<void> {
  const words = ['-u', ...(lazy ? ['-z'] : []), '--', mountpoint];
  return new Promise((resolve, reject) => {
    execFile(FUSERMOUNT, words, { timeout: FUSERMOUNT_TIMEOUT_MS }, (error, _, said) => {
      if (error === null) return resolve();
      const complaint = said.trim().split('\n')[0] || error.message;
      const code = /busy/i.test(complaint) ? 'EBUSY' : 'EINVAL';
      reject(new MountError(code, `cannot unmount ${mountpoint}: ${complaint}`, error));
    });
  });
}

/** Ends the connection by force, so that nobody waits for us any more. Only root can where there is no fusectl. */
export async function forceDetach(addon: Addon, mountpoint: string): Promise<void> {
  await addon.unmount(mountpoint, MNT_FORCE | MNT_DETACH).catch(() => undefined);
}

/** Out of the kernel's list; elsewhere than on Linux nobody says, so: yes. */
export async function isMounted(mountpoint: string): Promise<boolean> {
  return process.platform !== 'linux' || (await findMount(mountpoint)) !== null;
}

async function abortPathOf(mountpoint: string): Promise<string | null> {
  const mount = await findMount(mountpoint);
  return mount === null ? null : `/sys/fs/fuse/connections/${mount.connection}/abort`;
}

interface FoundMount {
  readonly type: string;
  readonly connection: string;
}

/** The uppermost mount on a path, out of the kernel's list (blanks escaped in octal): nothing is touched. */
async function findMount(mountpoint: string): Promise<FoundMount | null> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  for (const line of lines.reverse()) {
    const fields = line.split(' ');
    const path = fields[4]?.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (path !== mountpoint) continue;
    const type = fields[fields.indexOf('-') + 1] ?? '';
    return { type, connection: fields[2]?.split(':')[1] ?? '' };
  }
  return null;
}

function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
