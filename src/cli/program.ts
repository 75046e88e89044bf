/**
 * All commands, assembled. Each is in `commands/` under its name, and loads what signs in, mounts or serves when it is run:
 * most only ask the daemon.
 */
import { Command, type CommanderError } from 'commander';
import type { CommandContext } from './command-context.js';
import { addAccounts } from './commands/accounts.js';
import { addCookies } from './commands/cookies.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addFlush } from './commands/flush.js';
import { addLogin } from './commands/login.js';
import { addLogout } from './commands/logout.js';
import { addMount } from './commands/mount.js';
import { addPin } from './commands/pin.js';
import { addStandin } from './commands/standin.js';
import { addStatus } from './commands/status.js';
import { addUnmount } from './commands/unmount.js';
import { EXIT_DONE, EXIT_USAGE } from './exit-code.js';
import { version } from './version.js';

export function createProgram(context: CommandContext): Command {
  const program = new Command('odbfs')
    .description('OneDrive for Business and SharePoint libraries as a folder')
    .version(version(), '-V, --version')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'odbfs: ')) });
  program.exitOverride();
  const add = [
    addLogin,
    addLogout,
    addAccounts,
    addMount,
    addUnmount,
    addStatus,
    addFlush,
    addPin,
    addCookies,
    addDoctor,
    addDemo,
    addStandin,
  ];
  for (const addCommand of add) addCommand(program, context);
  return program;
}

/** Commander ends parsing by throwing: after help or a version all is well, else it was bad usage. */
export function exitCodeOfParsing(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
}
