/** A command line of the program, run in the process of the test; loaded when the first is. */
import { CommandContext } from '../../src/cli/command-context.js';
import { runCommandLine } from '../../src/cli/index.js';
import { Terminal } from '../../src/cli/terminal.js';
import { type PathsEnvironment, pathsFrom } from '../../src/daemon/paths.js';
import type { Outcome } from './cli-run.js';

/** What belongs to whoever runs the tests: a keyring above all, in which nothing of a test is kept. */
const DESKTOP = ['DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];
for (const variable of DESKTOP) delete process.env[variable];

/** Nobody sits there; what is said is kept. */
class KeptTerminal extends Terminal {
  out = '';
  err = '';
  readonly #input: string;

  constructor(input: string) {
    super();
    this.#input = input;
  }

  override get isInteractive(): boolean {
    return false;
  }

  override print(line: string): void {
    this.out += `${line}\n`;
  }

  override say(line: string): void {
    this.err += `${line}\n`;
  }

  override async readAll(): Promise<string> {
    return this.#input.replace(/\n$/, '');
  }
}

export async function commandHere(
  args: readonly string[],
  environment: PathsEnvironment,
  input: string,
): Promise<Outcome> {
  const terminal = new KeptTerminal(input);
  const umask = process.umask();
  try {
    const context = new CommandContext(pathsFrom(environment), terminal);
    const code = await runCommandLine(['node', 'odbfs', ...args], context);
    return { code, out: terminal.out, err: terminal.err };
  } finally {
    process.umask(umask);
  }
}
