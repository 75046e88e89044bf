/** `odbfs flush`: returns when the server has everything below the paths. */
import type { Command } from 'commander';
import { askDaemon, DEFAULT_DRAIN_SECONDS, daemonStatus, Failure, NoDaemon } from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { parseSeconds } from '../parse-seconds.js';
import { pathsByAccount } from '../paths-by-account.js';
import { withProgress } from '../progress.js';
import { uploadsText } from '../uploads-text.js';

export function addFlush(program: Command, context: CommandContext): void {
  program
    .command('flush')
    .description('wait until the server has everything below PATH, or everywhere')
    .argument('[PATH...]')
    .option('--timeout <SECONDS>', 'wait at most so long', parseSeconds, DEFAULT_DRAIN_SECONDS)
    .action(async (paths: string[], { timeout }: { timeout: number }) => {
      await interruptible((signal) => flush(context, paths, timeout * 1000, signal));
    });
}

async function flush(
  context: CommandContext,
  paths: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const targets = paths.length > 0 ? await pathsByAccount(paths, context.paths) : await everything(context);
  if (targets.size === 0) throw new Failure('not-found', 'nothing is mounted');
  await withProgress('flushing', (progress) =>
    Promise.all(
      [...targets].map(([account, below]) =>
        askDaemon(
          context.paths.socket(account),
          { command: 'flush', paths: below, timeoutMs },
          { signal, onProgress: (uploads) => progress.update(uploadsText(uploads)) },
        ).catch((error: unknown) => {
          if (error instanceof NoDaemon)
            throw new Failure('not-found', `${account} has no daemon: mount it first`);
          throw error;
        }),
      ),
    ),
  );
}

/** Every account that has a daemon, also one that is unmounted and finishing. */
async function everything({ config, paths }: CommandContext): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { name } of config.accounts()) {
    if ((await daemonStatus(paths, name)) !== null) found.set(name, []);
  }
  return found;
}
