/** What every command is given. */
import { type AccountConfig, ConfigFile, chooseAccount, type Paths, pathsFrom } from '../daemon/index.js';
import { Terminal } from './terminal.js';

export class CommandContext {
  readonly terminal = new Terminal();
  readonly paths: Paths = pathsFrom();
  readonly config = new ConfigFile(this.paths);
  /** The exit code unless something is thrown. */
  exitCode = 0;

  /** The account of that name, or the only one. */
  account(name: string | undefined): AccountConfig {
    return chooseAccount(this.config.accounts(), name);
  }
}

/** A signal that fires on Ctrl-C while `work` runs. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
