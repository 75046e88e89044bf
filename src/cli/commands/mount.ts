/** `odbfs mount`: returns when the mount answers, or stays with `--foreground`. */
import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type AccountConfig,
  daemonStatus,
  expandHome,
  Failure,
  isStartAwaited,
  logFileOf,
  mountpointOf,
  namingDisk,
  parseMountOptions,
  runDaemon,
  startInBackground,
} from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { exitCodeOf } from '../exit-code.js';
import { withProgress } from '../progress.js';
import { uploadsText } from '../uploads-text.js';

interface MountFlags {
  readonly foreground?: boolean;
  readonly options?: string[];
}

export function addMount(program: Command, context: CommandContext): void {
  program
    .command('mount')
    .description('show the drive of ACCOUNT as a folder at MOUNTPOINT')
    .argument('[ACCOUNT]', 'default: the only account')
    .argument('[MOUNTPOINT]', 'default: ~/OneDrive; made when missing')
    .option('-f, --foreground', 'stay, log to standard error, and tell systemd (sd_notify)')
    .option('-o, --options <OPT[=VALUE],...>', 'mount options; docs/SEMANTICS.md has them all', collect)
    .action(async (first: string | undefined, second: string | undefined, flags: MountFlags) => {
      const options = parseMountOptions((flags.options ?? []).join(','));
      const { account, mountpoint } = whatWhere(context, first, second);
      const chosen = { ...account, options: { ...account.options, ...options } };
      if (flags.foreground || isStartAwaited()) return stay(context, chosen, mountpoint);
      await goOn(context, chosen, mountpoint, flags.options ?? []);
      await tellOfMissingSignIn(context, account.name);
    });
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** One argument alone may be either: a path has a slash (or begins with a tilde or a dot), an account's name has none. */
function whatWhere(context: CommandContext, first: string | undefined, second: string | undefined) {
  const isPath = second === undefined && first !== undefined && /^[~.]|\//.test(first);
  const place = isPath ? first : second;
  const account = context.account(isPath ? undefined : first);
  if (place === undefined) return { account, mountpoint: mountpointOf(account, context.config.accounts()) };
  if (place === '') throw new Failure('usage', 'MOUNTPOINT must not be empty');
  return { account, mountpoint: place.startsWith('~') ? expandHome(place) : resolve(place) };
}

async function stay(context: CommandContext, account: AccountConfig, mountpoint: string): Promise<void> {
  const owed = await runDaemon({ account, mountpoint, paths: context.paths });
  if (owed.owed === 0) return;
  context.terminal.say(`odbfs: ${uploadsText(owed)}; they will be sent at the next mount`);
  context.exitCode = exitCodeOf('owed');
}

async function goOn(
  context: CommandContext,
  account: AccountConfig,
  mountpoint: string,
  options: readonly string[],
): Promise<void> {
  if (!isAbsolute(mountpoint)) throw new Failure('usage', `${mountpoint} is not an absolute path`);
  const args = ['mount', account.name, mountpoint, ...options.flatMap((option) => ['-o', option])];
  await withProgress(`mounting ${account.name} at ${mountpoint}`, () =>
    interruptible((signal) =>
      namingDisk(account, context.paths, () =>
        startInBackground({ args, outputFile: logFileOf(context.paths, account), detached: true, signal }),
      ),
    ),
  );
}

/** Such a mount shows what is known and keeps what is written; nobody should have to find out why the rest is refused. */
async function tellOfMissingSignIn({ paths, terminal }: CommandContext, name: string): Promise<void> {
  const auth = (await daemonStatus(paths, name).catch(() => null))?.auth;
  if (auth?.state === 'signed-out')
    terminal.say(
      `${name} is mounted but signed out: only what is known here can be used; odbfs login --account ${name}`,
    );
  if (auth?.state === 'blocked')
    terminal.say(`${name} is mounted but blocked: only what is known here can be used; ${auth.message}`);
}
