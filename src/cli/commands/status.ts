/** `odbfs status`: how every account is, for people and (with `--json`) for programs. */
import type { Command } from 'commander';
import { systemClock } from '../../base/index.js';
import {
  type AccountConfig,
  type AccountStatus,
  accountStatus,
  type Failure,
  formatByteSize,
  type StatusReport,
  statusLine,
} from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { EXIT_DONE, EXIT_SIGN_IN, exitCodeOf } from '../exit-code.js';
import { toFailure } from '../to-failure.js';

const WATCH_EVERY_MS = 1000;

interface Untold extends Pick<AccountConfig, 'name' | 'site'> {
  readonly failure: Failure;
}

interface StatusFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

export function addStatus(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description(
      'tell how the accounts are; exit 3 when one needs a sign-in, 1 when an upload is refused, 4 when a sign-in waits to be renewed',
    )
    .argument('[ACCOUNT]', 'default: all')
    .option('--json', 'for programs')
    .option('--watch', 'go on, a report a second')
    .action(async (name: string | undefined, flags: StatusFlags) => {
      if (name !== undefined) context.account(name);
      if (flags.watch) return interruptible((signal) => watch(context, name, flags, signal));
      context.exitCode = await report(context, name, flags);
    });
}

async function watch(
  context: CommandContext,
  name: string | undefined,
  flags: StatusFlags,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !context.terminal.isUnread) {
    if (!flags.json && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[J');
    context.exitCode = await report(context, name, flags);
    await systemClock.sleep(WATCH_EVERY_MS, signal).catch(() => undefined);
  }
}

async function report(
  context: CommandContext,
  name: string | undefined,
  flags: StatusFlags,
): Promise<number> {
  const configured = context.config
    .accounts()
    .filter((account) => name === undefined || account.name === name);
  const { accounts, failures } = await askAll(context, configured);
  if (flags.json)
    context.terminal.print(JSON.stringify(forPrograms(accounts, failures), null, flags.watch ? 0 : 2));
  else if (configured.length === 0) context.terminal.print('no accounts yet: odbfs login SITE-URL');
  else for (const account of accounts) context.terminal.print(describe(account));
  return statusExitCode(
    accounts,
    failures.map(({ failure }) => failure),
  );
}

/** `untold`: accounts that could not tell; only where there are any, as for most there never are. */
function forPrograms(accounts: readonly AccountStatus[], failures: readonly Untold[]): StatusReport {
  const untold = failures.map(({ name, site, failure }) => ({ name, site, message: failure.message }));
  return untold.length === 0 ? { accounts } : { accounts, untold };
}

/** An account that cannot tell (its folder is somebody else's, say) gets a line of its own and keeps no other from telling. */
async function askAll(context: CommandContext, configured: readonly AccountConfig[]) {
  const failures: Untold[] = [];
  const told = configured.map((account) =>
    accountStatus(account, context.paths).catch(async (error: unknown) => {
      const failure = await toFailure(error);
      failures.push({ ...account, failure });
      context.terminal.say(`odbfs: ${account.name}: ${failure.message}`);
      return null;
    }),
  );
  return { accounts: (await Promise.all(told)).filter((account) => account !== null), failures };
}

/** What scripts are told: 0 only when nothing stands in the way of any account. */
export function statusExitCode(
  accounts: readonly Pick<AccountStatus, 'auth' | 'uploads'>[],
  failures: readonly Failure[] = [],
): number {
  if (accounts.some(({ auth }) => auth.state === 'signed-out' || auth.state === 'blocked'))
    return EXIT_SIGN_IN;
  if (failures.some(({ kind }) => kind === 'sign-in')) return EXIT_SIGN_IN;
  if (failures.length > 0) return exitCodeOf(failures[0]!.kind);
  if (accounts.some(({ uploads }) => uploads.refused > 0)) return exitCodeOf('failed');
  // Not `ok`, and nobody has to sign in: for now the server can't be reached with this sign-in.
  if (accounts.some(({ auth }) => auth.state === 'stale')) return exitCodeOf('unreachable');
  return EXIT_DONE;
}

function describe(status: AccountStatus): string {
  const { tree, cache, quota } = status;
  const lines = [
    `${status.name}: ${statusLine(status)}`,
    `  site     ${status.site}`,
    `  mounted  ${status.mountpoint === null ? 'no' : `${status.mountpoint} (process ${status.pid})`}`,
    `  tree     ${tree.items} items known${tree.complete ? '' : ', more to come'}`,
    `  cache    ${formatByteSize(cache.bytes)} of ${formatByteSize(cache.limitBytes)}`,
  ];
  if (quota !== null) {
    lines.push(`  quota    ${formatByteSize(quota.usedBytes)} of ${formatByteSize(quota.totalBytes)} used`);
  }
  return lines.join('\n');
}
