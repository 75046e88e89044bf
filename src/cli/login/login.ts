/** Signing in: the account's new sign-in is kept, noted in the configuration, and told to a mount that is running. */
import {
  type AccountConfig,
  askDaemon,
  daemonStatus,
  Failure,
  NoDaemon,
  namingDisk,
  openAccountSession,
  signInPlace,
} from '../../daemon/index.js';
import { forgetSignIn, type SignInResult, signIn, signInBasic } from '../../sharepoint/index.js';
import type { CommandContext } from '../command-context.js';
import { withProgress } from '../progress.js';
import { terminalPrompts } from '../terminal-prompts.js';
import type { LoginFlags } from './login-flags.js';
import { type KnownAccount, target } from './target.js';

export async function login(
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

/** Only asks whether somebody has to sign in. */
export async function check(
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
