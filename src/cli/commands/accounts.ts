/** `odbfs accounts`: which accounts there are. */
import type { Command } from 'commander';
import { daemonStatus, mountpointOf } from '../../daemon/index.js';
import type { CommandContext } from '../command-context.js';

export function addAccounts(program: Command, context: CommandContext): void {
  program
    .command('accounts')
    .description('list the accounts')
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: boolean }) => {
      const accounts = await describe(context);
      if (json) return context.terminal.print(JSON.stringify({ accounts }, null, 2));
      for (const { name, site, mountpoint, mounted } of accounts) {
        context.terminal.print(`${name}\t${site}\t${mountpoint}${mounted ? '' : ' (not mounted)'}`);
      }
      if (accounts.length === 0) context.terminal.say('no accounts yet: odbfs login SITE-URL');
    });
}

function describe({ config, paths, terminal }: CommandContext) {
  const accounts = config.accounts();
  return Promise.all(
    accounts.map(async (account) => {
      const status = await daemonStatus(paths, account.name).catch((error: Error) => {
        terminal.say(`odbfs: ${account.name}: ${error.message}`);
        return null;
      });
      const mounted = status?.mountpoint ?? null;
      return {
        name: account.name,
        site: account.site,
        method: account.method,
        mountpoint: mounted ?? mountpointOf(account, accounts),
        mounted: mounted !== null,
      };
    }),
  );
}
