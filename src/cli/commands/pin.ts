/** `odbfs pin`, `unpin`, `evict`: what is kept on this disk. */
import type { Command } from 'commander';
import { askDaemon, Failure, NoDaemon } from '../../daemon/index.js';
import type { CommandContext } from '../command-context.js';
import { pathsByAccount } from '../paths-by-account.js';
import { withProgress } from '../progress.js';

const COMMANDS = [
  { name: 'pin', does: 'fetch everything below PATH and keep it on this disk' },
  { name: 'unpin', does: 'no longer keep what is below PATH' },
  { name: 'evict', does: 'free the disk of what is below PATH (never of what is owed or pinned)' },
] as const;

export function addPin(program: Command, context: CommandContext): void {
  for (const { name, does } of COMMANDS) {
    program
      .command(name)
      .description(does)
      .argument('<PATH...>')
      .action(async (paths: string[]) => {
        for (const [account, below] of await pathsByAccount(paths, context.paths))
          await ask(context, account, name, below);
      });
  }
}

async function ask(
  context: CommandContext,
  account: string,
  command: (typeof COMMANDS)[number]['name'],
  paths: string[],
): Promise<void> {
  try {
    await withProgress(`${command} ${paths.join(' ')}`, () =>
      askDaemon(context.paths.socket(account), { command, paths }),
    );
  } catch (error) {
    if (error instanceof NoDaemon) throw new Failure('not-found', `${account} has no daemon: mount it first`);
    throw error;
  }
}
