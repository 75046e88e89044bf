/** `odbfs logout`: ends the sign-in, here and on the server. What is owed stays. */
import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { askDaemon, daemonStatus, Failure, NoDaemon, signInPlace } from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { withProgress } from '../progress.js';

export function addLogout(program: Command, context: CommandContext): void {
  program
    .command('logout')
    .description('revoke what can be revoked of the sign-in, and remove the rest')
    .argument('[ACCOUNT]', 'default: the only account')
    .option('--forget', 'also remove the account from the configuration, and its cache')
    .action((name: string | undefined, { forget }: { forget?: boolean }) =>
      interruptible((signal) => logout(context, name, forget ?? false, signal)),
    );
}

async function logout(
  context: CommandContext,
  name: string | undefined,
  forget: boolean,
  signal: AbortSignal,
): Promise<void> {
  const account = context.account(name);
  if (forget && (await daemonStatus(context.paths, account.name)) !== null) {
    throw new Failure('failed', `${account.name} is mounted: odbfs unmount ${account.name}`);
  }
  const { logOut } = await import('../../sharepoint/index.js');
  const place = await signInPlace(account, context.paths);
  const { wasSignedIn, revoked } = await withProgress('signing out', () =>
    logOut({ ...place, relatives: context.relativesOf(account.name) }, signal),
  );
  await askDaemon(context.paths.socket(account.name), { command: 'reload' }).catch((error: unknown) => {
    if (!(error instanceof NoDaemon)) throw error;
  });
  if (forget) {
    context.config.remove(account.name);
    rmSync(context.paths.cache(account.name), { recursive: true, force: true });
  }
  const told = revoked ? '' : '; the server could not be told, so a stolen session would live to its end';
  context.terminal.say(
    wasSignedIn ? `${account.name} is signed out${told}` : `${account.name} was not signed in`,
  );
}
