/** `odbfs login`: signs an account in, new or known; `--check` only asks whether that is needed. */
import { type Command, Option } from 'commander';
import {
  type AccountConfig,
  askDaemon,
  checkAccountName,
  daemonStatus,
  Failure,
  NoDaemon,
  namingDisk,
  openAccountSession,
  signInPlace,
} from '../../daemon/index.js';
import {
  canonicalSiteUrl,
  forgetSignIn,
  type SignInResult,
  SiteAddress,
  signIn,
  signInBasic,
} from '../../sharepoint/index.js';
import { accountNameFor } from '../account-name.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { withProgress } from '../progress.js';
import { terminalPrompts } from '../terminal-prompts.js';

interface LoginFlags {
  readonly account?: string;
  readonly method?: AccountConfig['method'];
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly cookiesFrom?: string;
  readonly clientId?: string;
  readonly tenant?: string;
  readonly loginUrl?: string;
  readonly server?: AccountConfig['server'];
  readonly secrets?: AccountConfig['secrets'];
  readonly keepPassword: boolean;
  readonly check?: boolean;
}

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
    .option('--cookies-from <FILE>', 'cookies.txt, a JSON export, or a Cookie header')
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
      interruptible((signal) => (flags.check ? check : login)(context, siteUrl, flags, signal)),
    );
}

async function login(
  context: CommandContext,
  siteUrl: string | undefined,
  flags: LoginFlags,
  signal: AbortSignal,
): Promise<void> {
  const account = target(context, siteUrl, flags);
  await namingDisk(account, context.paths, () => signInTo(account, context, flags, signal));
}

async function signInTo(
  account: KnownAccount,
  context: CommandContext,
  flags: LoginFlags,
  signal: AbortSignal,
): Promise<void> {
  const prompts = terminalPrompts(context.terminal, { passwordFromInput: flags.passwordStdin ?? false });
  const request = {
    method: flags.method ?? methodFor(account, flags),
    username: flags.username ?? account.username ?? undefined,
    clientId: flags.clientId ?? account.clientId ?? undefined,
    tenant: flags.tenant ?? account.tenant ?? undefined,
    cookiesFrom: flags.cookiesFrom,
    loginUrl: flags.loginUrl,
    keepPassword: flags.keepPassword,
  };
  const relatives = context.relativesOf(account.name);
  const server = flags.server ?? account.server;
  const secrets = flags.secrets ?? account.secrets;
  if (secrets !== account.secrets) await assertNotMounted(context, account.name);
  const place = await signInPlace({ ...account, server, secrets }, context.paths);
  const options = { ...place, relatives };
  const result = await (server === 'webdav'
    ? signInBasic(request, prompts, options, signal)
    : signIn(request, prompts, options, signal));
  context.config.set(account.name, {
    site: account.site,
    method: result.method,
    username: result.username,
    client_id: result.clientId,
    tenant: result.tenant,
    server: server === 'sharepoint' ? null : server,
    secrets: secrets === 'disk' ? null : secrets,
  });
  if (secrets !== account.secrets)
    await forgetSignIn(await signInPlace({ ...account, server }, context.paths));
  await tellDaemon(context, account.name);
  context.terminal.say(signedInText(account.name, result));
}

/** A running mount goes on with the place that it was started with. */
async function assertNotMounted({ paths }: CommandContext, name: string): Promise<void> {
  if ((await daemonStatus(paths, name)) === null) return;
  throw new Failure('failed', `${name} is mounted: odbfs unmount ${name}, then move its sign-in`);
}

/** What a person who gives a password or cookies surely means. */
function methodFor(account: KnownAccount, flags: LoginFlags): AccountConfig['method'] {
  if (flags.passwordStdin) return 'password';
  if (flags.cookiesFrom !== undefined) return 'cookies';
  return account.method;
}

async function check(
  context: CommandContext,
  siteUrl: string | undefined,
  flags: LoginFlags,
  signal: AbortSignal,
): Promise<void> {
  const { name } = target(context, siteUrl, flags);
  const account = context.account(name);
  const session = await openAccountSession(account, context.paths);
  const status = await withProgress('asking the server', () => session.checkSession(signal)).finally(() =>
    session.close(),
  );
  if (status.state === 'ok' || status.state === 'renewing') {
    context.terminal.say(
      `${name} is signed in${status.expiresAt === null ? '' : ` until ${status.expiresAt}`}`,
    );
    return;
  }
  throw new Failure('sign-in', `${name} is not signed in: ${status.message ?? status.state}`);
}

type KnownAccount = Pick<
  AccountConfig,
  | 'name'
  | 'site'
  | 'method'
  | 'username'
  | 'clientId'
  | 'tenant'
  | 'options'
  | 'signInFolder'
  | 'server'
  | 'secrets'
>;

/** The account that is meant: known, or about to be. */
function target(context: CommandContext, siteUrl: string | undefined, flags: LoginFlags): KnownAccount {
  const accounts = context.config.accounts();
  if (siteUrl === undefined) {
    if (accounts.length === 0 && !flags.check)
      throw new Failure('usage', 'there is no account yet: odbfs login SITE-URL, as your browser shows it');
    return context.account(flags.account);
  }
  const site = canonicalAddress(siteUrl, flags.server);
  const chosen = flags.account ?? accountNameFor(site, accounts);
  checkAccountName(chosen);
  const known = accounts.find((account) => account.name === chosen);
  if (known?.site === site) return known;
  if (known !== undefined) {
    throw new Failure('usage', `account ${chosen} is ${known.site}: choose another name with --account`);
  }
  return context.newAccount(chosen, site);
}

/** Refuses what would carry secrets in the clear; trims what the browser shows behind the library. */
function canonicalAddress(siteUrl: string, server: LoginFlags['server']): string {
  const { webUrl } = new SiteAddress(siteUrl);
  return server === 'webdav' ? webUrl : canonicalSiteUrl(siteUrl);
}

/** A mount that is running takes the new sign-in over at once. */
async function tellDaemon(context: CommandContext, account: string): Promise<void> {
  try {
    await askDaemon(context.paths.socket(account), { command: 'reload' });
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error;
  }
}

function signedInText(account: string, { expiresAt, renewsItself }: SignInResult): string {
  const until = expiresAt === null ? '' : `, until ${expiresAt}`;
  const then = renewsItself ? 'and renews itself' : 'then somebody has to sign in again';
  return `signed in as ${account}${until}, ${then}; mount it with: odbfs mount ${account}`;
}
