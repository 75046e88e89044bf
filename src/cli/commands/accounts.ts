/** `odbfs accounts`: which accounts there are. */
import type { Command } from 'commander';
import { mountpointOf, odbfsMounts } from '../../daemon/index.js';
import type { CommandContext } from '../command-context.js';

export function addAccounts(program: Command, context: CommandContext): void {
  program
    .command('accounts')
    .description('list the accounts')
    .option('--json', 'for programs')
    .action(({ json }: { json?: boolean }) => {
      const accounts = describe(context);
      if (json) return context.terminal.print(JSON.stringify({ accounts }, null, 2));
      for (const { name, site, mountpoint, mounted } of accounts) {
        context.terminal.print(`${name}\t${site}\t${mountpoint}${mounted ? '' : ' (not mounted)'}`);
      }
      if (accounts.length === 0) context.terminal.say('no accounts yet: odbfs login SITE-URL');
    });
}

function describe(context: CommandContext) {
  const accounts = context.config.accounts();
  const mounts = odbfsMounts();
  return accounts.map((account) => {
    const mount = mounts.findLast((entry) => entry.account === account.name);
    return {
      name: account.name,
      site: account.site,
      method: account.method,
      mountpoint: mount?.mountpoint ?? mountpointOf(account, accounts),
      mounted: mount !== undefined,
    };
  });
}
