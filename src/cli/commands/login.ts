/** `odbfs login`: signs an account in, new or known; `--check` only asks whether that is needed. */
import { type Command, Option } from 'commander';
import { type CommandContext, interruptible } from '../command-context.js';
import type { LoginFlags } from '../login/login-flags.js';

export function addLogin(program: Command, context: CommandContext): void {
  program
    .command('login')
    .description('sign in to the site that the browser shows as SITE-URL')
    .argument('[SITE-URL]', 'https://TENANT-my.sharepoint.com/personal/...; not needed for a known account')
    .option('--account <NAME>', 'name of the account; default: from the site')
    .addOption(
      new Option('--method <METHOD>', 'how to sign in; default: as last time, or auto').choices([
        'auto',
        'browser',
        'device',
        'code',
        'cookies',
        'password',
      ]),
    )
    .option('--username <UPN>', 'user@organisation')
    .option('--password-stdin', 'the password is on standard input')
    .option('--no-keep-password', 'forget the password after this sign-in, which then does not renew itself')
    .option('--cookies-from <FILE>', 'cookies.txt, a JSON export, or a Cookie header; -: standard input')
    .option(
      '--client-id <ID>',
      'the registered application for --method device (a code to type) and code (this browser)',
    )
    .option('--tenant <TENANT>', 'tenant id or domain')
    .option('--login-url <URL>', 'login host of a server that is in no table')
    .addOption(
      new Option('--server <KIND>', 'webdav: any WebDAV server, by name and password').choices([
        'sharepoint',
        'webdav',
      ]),
    )
    .addOption(
      new Option('--secrets <PLACE>', 'disk: sealed; memory: until the machine is started again').choices([
        'disk',
        'memory',
      ]),
    )
    .option('--check', 'only tell whether the account is signed in: exit 0, or 3')
    .action((siteUrl: string | undefined, flags: LoginFlags) =>
      interruptible(async (signal) => {
        const { check, login } = await import('../login/login.js');
        await (flags.check ? check : login)(context, siteUrl, flags, signal);
      }),
    );
}
