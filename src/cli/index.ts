/** What a person types, and the exit code that it ends with. */
import { CommanderError } from 'commander';
import { reportStart } from '../daemon/index.js';
import { CommandContext } from './command-context.js';
import { EXIT_FAILED, exitCodeOf } from './exit-code.js';
import { createProgram, exitCodeOfParsing } from './program.js';
import { toFailure } from './to-failure.js';

/** Runs one command line; resolves with its exit code. Whatever goes wrong is one line on standard error. */
export async function runCommandLine(argv: readonly string[], context = ofThisProcess()): Promise<number> {
  // Whatever we make is ours alone; what the mount shows is its own affair.
  process.umask(0o077);
  try {
    await createProgram(context).parseAsync(argv as string[]);
    return context.terminal.isRefused ? EXIT_FAILED : context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfParsing(error);
    const failure = await toFailure(error);
    reportStart({ ready: false, kind: failure.kind, message: failure.message });
    context.terminal.say(`odbfs: ${failure.message}`);
    if (process.env.ODBFS_DEBUG !== undefined) context.terminal.say(String((error as Error).stack));
    return exitCodeOf(failure.kind);
  }
}

function ofThisProcess(): CommandContext {
  const context = new CommandContext();
  context.terminal.watchOutput();
  return context;
}
