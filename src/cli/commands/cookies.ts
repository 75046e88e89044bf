/** `odbfs cookies`: the value of a Cookie header for other tools, fresh enough for an hour. */
import type { Command } from 'commander';
import { askDaemon, NoDaemon, openAccountSession } from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { withProgress } from '../progress.js';

export function addCookies(program: Command, context: CommandContext): void {
  program
    .command('cookies')
    .description('print FedAuth=...; rtFa=..., ready to be the value of a Cookie header')
    .argument('[ACCOUNT]', 'default: the only account')
    .action(async (name: string | undefined) => {
      const line = await interruptible((signal) =>
        withProgress('renewing the sign-in', () => cookieLine(context, name, signal)),
      );
      if (process.stdout.isTTY) {
        context.terminal.say('This is a secret: whoever has it is you, for as long as it lives.');
      }
      context.terminal.print(line);
    });
}

async function cookieLine(
  context: CommandContext,
  name: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const account = context.account(name);
  try {
    return await askDaemon(context.paths.socket(account.name), { command: 'cookies' }, { signal });
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error;
  }
  const session = await openAccountSession(account, context.paths);
  return session.freshCookieLine(signal).finally(() => session.close());
}
