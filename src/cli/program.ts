/**
 * All commands, assembled. Each is in `commands/` under its name, and loaded when it is asked for: most only ask the
 * daemon, and need a tenth of what signing in, mounting or serving does.
 */
import { Command, type CommanderError } from 'commander';
import type { CommandContext } from './command-context.js';
import { EXIT_DONE, EXIT_USAGE } from './exit-code.js';
import { version } from './version.js';

type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  login: async () => (await import('./commands/login.js')).addLogin,
  logout: async () => (await import('./commands/logout.js')).addLogout,
  accounts: async () => (await import('./commands/accounts.js')).addAccounts,
  mount: async () => (await import('./commands/mount.js')).addMount,
  unmount: async () => (await import('./commands/unmount.js')).addUnmount,
  status: async () => (await import('./commands/status.js')).addStatus,
  flush: async () => (await import('./commands/flush.js')).addFlush,
  pin: async () => (await import('./commands/pin.js')).addPin,
  cookies: async () => (await import('./commands/cookies.js')).addCookies,
  doctor: async () => (await import('./commands/doctor.js')).addDoctor,
  demo: async () => (await import('./commands/demo.js')).addDemo,
  standin: async () => (await import('./commands/standin.js')).addStandin,
};

/** With the command that is called `word`; with all of them when none is, for the help, and for hints at what was meant. */
export async function createProgram(context: CommandContext, word: string | undefined): Promise<Command> {
  const program = new Command('odbfs')
    .description('OneDrive for Business and SharePoint libraries as a folder')
    .version(version(), '-V, --version')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'odbfs: ')) });
  program.exitOverride();
  if (isVersion(word)) return program;
  const names = word !== undefined && Object.hasOwn(COMMANDS, word) ? [word] : Object.keys(COMMANDS);
  const added = await Promise.all(names.map((name) => COMMANDS[name]!()));
  for (const addCommand of added) addCommand(program, context);
  return program;
}

function isVersion(word: string | undefined): boolean {
  return word === '--version' || word === '-V';
}

/** Commander ends parsing by throwing: after help or a version all is well, else it was bad usage. */
export function exitCodeOfParsing(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
}
