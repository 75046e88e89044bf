/** What every command is given. */
import {
  type AccountConfig,
  ConfigFile,
  chooseAccount,
  defaultOptions,
  Failure,
  type Paths,
  pathsFrom,
  signInFolder,
} from '../daemon/index.js';
import { Terminal } from './terminal.js';

export class CommandContext {
  readonly paths: Paths;
  readonly terminal: Terminal;
  readonly config: ConfigFile;
  /** The exit code unless something is thrown. */
  exitCode = 0;

  constructor(paths: Paths = pathsFrom(), terminal = new Terminal()) {
    this.paths = paths;
    this.terminal = terminal;
    this.config = new ConfigFile(paths);
  }

  /** The account of that name, or the only one. */
  account(name: string | undefined): AccountConfig {
    return chooseAccount(this.config.accounts(), name);
  }

  /** Where the sign-ins of all other accounts are kept. */
  relativesOf(name: string): readonly string[] {
    const others = this.config.accounts().filter((account) => account.name !== name);
    return others.map((other) => signInFolder(other, this.paths));
  }

  /** An account that is about to be: nothing is written yet. */
  newAccount(name: string, site: string): AccountConfig {
    return {
      name,
      site,
      method: 'auto',
      username: null,
      clientId: null,
      tenant: null,
      server: 'sharepoint',
      secrets: 'disk',
      signInFolder: null,
      mountpoint: null,
      options: defaultOptions(),
    };
  }
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that fires on Ctrl-C while `work` runs; how the work then ends is its own affair. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Failure('failed', 'interrupted'));
  for (const name of INTERRUPTS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of INTERRUPTS) process.off(name, interrupt);
  }
}
