/** `odbfs unmount`: by mount point or account; also when the daemon is dead. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  askDaemon,
  DEFAULT_DRAIN_SECONDS,
  detachMount,
  Failure,
  type MountEntry,
  mountAt,
  NoDaemon,
  odbfsMounts,
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
  const { account, mount } = find(context, what);
  const timeoutMs = flags.now ? 0 : flags.timeout * 1000;
  if (account !== null && (await stopDaemon(context, account, timeoutMs))) return;
  if (mount === undefined) throw new Failure('not-found', `${what} is not mounted`);
  await detachMount(mount.mountpoint);
  context.terminal.say(`${mount.mountpoint}: its daemon was gone; what it owed is kept for the next mount`);
}

/** A path means a mount there; anything else an account, mounted or not. */
function find(
  context: CommandContext,
  what: string,
): { account: string | null; mount: MountEntry | undefined } {
  const mounts = odbfsMounts();
  const byPlace = mountAt(what, mounts);
  if (byPlace !== undefined) return { account: byPlace.account, mount: byPlace };
  const byAccount = mounts.findLast(({ account }) => account === what);
  if (byAccount !== undefined) return { account: what, mount: byAccount };
  if (what.includes('/')) throw new Failure('not-found', `nothing of odbfs is mounted at ${resolve(what)}`);
  return { account: context.account(what).name, mount: undefined };
}

/** False: there is no daemon. */
async function stopDaemon(context: CommandContext, account: string, timeoutMs: number): Promise<boolean> {
  try {
    const { stillOwed } = await withProgress('unmounting', (progress) =>
      askDaemon(
        context.paths.socket(account),
        { command: 'stop', timeoutMs },
        { onProgress: (uploads) => progress.update(uploadsText(uploads)) },
      ),
    );
    if (stillOwed.owed === 0) return true;
    throw new Failure('owed', `unmounted; ${uploadsText(stillOwed)}: they go on at the next mount`);
  } catch (error) {
    if (error instanceof NoDaemon) return false;
    throw error;
  }
}
