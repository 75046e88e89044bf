/** `odbfs unmount`: by mount point or account; also when the daemon is dead. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  accountFolders,
  DEFAULT_DRAIN_SECONDS,
  detachMount,
  Failure,
  isDead,
  isOurs,
  lastMountpoint,
  type MountEntry,
  mountAt,
  NoDaemon,
  stopDaemon,
} from '../../daemon/index.js';
import type { CommandContext } from '../command-context.js';
import { parseSeconds } from '../parse-seconds.js';
import { withProgress } from '../progress.js';
import { uploadsText } from '../uploads-text.js';

interface UnmountFlags {
  readonly timeout: number;
  readonly now?: boolean;
}

export function addUnmount(program: Command, context: CommandContext): void {
  program
    .command('unmount')
    .alias('umount')
    .description('take the mount away, when the server has everything that is owed')
    .argument('<MOUNTPOINT|ACCOUNT>')
    .option(
      '--timeout <SECONDS>',
      'wait at most so long for owed uploads',
      parseSeconds,
      DEFAULT_DRAIN_SECONDS,
    )
    .option('--now', 'do not wait, not even for programs that use it; what is owed is sent at the next mount')
    .action((what: string, flags: UnmountFlags) => unmount(context, what, flags));
}

async function unmount(context: CommandContext, what: string, flags: UnmountFlags): Promise<void> {
  const timeoutMs = flags.now ? 0 : flags.timeout * 1000;
  const mount = mountAt(what);
  if (mount !== undefined) return unmountPlace(context, mount, timeoutMs);
  if (what.includes('/')) throw new Failure('not-found', `nothing of odbfs is mounted at ${resolve(what)}`);
  const account = context.account(what);
  if (await hasStopped(context, account.name, timeoutMs)) return;
  const left = lastMountpoint(accountFolders(account, context.paths).state);
  const isLeft = left !== null && mountAt(left)?.account === account.name && (await isDead(left));
  if (!isLeft) throw new Failure('not-found', `${account.name} is not mounted`);
  await clearAway(context, left);
}

async function unmountPlace(context: CommandContext, mount: MountEntry, timeoutMs: number): Promise<void> {
  const { account, mountpoint } = mount;
  if (
    account !== null &&
    (await isOurs(mount, context.paths)) &&
    (await hasStopped(context, account, timeoutMs))
  )
    return;
  await clearAway(context, mountpoint);
}

async function clearAway({ terminal }: CommandContext, mountpoint: string): Promise<void> {
  const wasDead = await isDead(mountpoint);
  await detachMount(mountpoint);
  if (wasDead) terminal.say(`${mountpoint}: its daemon was gone; what it owed is kept for the next mount`);
}

/** False: there is no daemon. */
async function hasStopped(context: CommandContext, account: string, timeoutMs: number): Promise<boolean> {
  try {
    const stillOwed = await withProgress('unmounting', (progress) =>
      stopDaemon(context.paths.socket(account), timeoutMs, {
        onProgress: (uploads) => progress.update(uploadsText(uploads)),
      }),
    );
    if (stillOwed.owed === 0) return true;
    throw new Failure('owed', `unmounted; ${uploadsText(stillOwed)}: they go on at the next mount`);
  } catch (error) {
    if (error instanceof NoDaemon) return false;
    throw error;
  }
}
