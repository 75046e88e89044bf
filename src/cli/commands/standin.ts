/** `odbfs standin`: a small SharePoint on loopback, for trying things out and for telling bugs. */
import { type Command, InvalidArgumentError } from 'commander';
import { createLog, makeFolders } from '../../base/index.js';
import { Failure } from '../../daemon/index.js';
import type { Standin, SwitchName } from '../../standin/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import type { StandinReady } from '../standin-ready.js';

type Switches = typeof import('../../standin/index.js').SWITCHES;

interface StandinFlags {
  readonly port: number;
  readonly state?: string;
  readonly quirk: Record<string, string>;
  readonly profile: 'default' | 'hostile';
}

export function addStandin(program: Command, context: CommandContext): void {
  program
    .command('standin')
    .description('serve a small SharePoint of our own on loopback until Ctrl-C; prints its site URL')
    .option('--port <N>', 'default: any free one', parsePort, 0)
    .option('--state <DIR>', 'keep its drives and sessions here; default: they end with it')
    .option('--profile <PROFILE>', 'default, or hostile: every quirk at once', 'default')
    .option('--quirk <NAME=VALUE>', 'turn a switch; may be repeated', parseQuirk, {})
    .action((flags: StandinFlags) => interruptible((signal) => serve(context, flags, signal)));
}

async function serve(context: CommandContext, flags: StandinFlags, signal: AbortSignal): Promise<void> {
  if (flags.state !== undefined) makeFolders(flags.state, 0o700);
  const { STANDIN_PASSWORD, SWITCHES, startStandin } = await import('../../standin/index.js');
  const standin = await startStandin({
    port: flags.port,
    profile: flags.profile,
    log: createLog('warn'),
    ...(flags.state === undefined ? {} : { stateDir: flags.state }),
  });
  try {
    standin.control.set(switchValues(flags.quirk, SWITCHES));
    announce(context, standin, STANDIN_PASSWORD);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      // Whoever started us over IPC is gone.
      process.once('disconnect', resolve);
    });
  } finally {
    await standin.close();
  }
}

function announce({ terminal }: CommandContext, { url, origin }: Standin, password: string): void {
  if (process.connected) {
    const ready: StandinReady = { url };
    process.send?.(ready);
    return;
  }
  terminal.print(url);
  terminal.say(`users such as user@contoso.com, password: ${password}`);
  terminal.say(`control: POST ${origin}/__standin/COMMAND; Ctrl-C ends it`);
}

/** Words from the command line as what each switch takes. */
function switchValues(
  words: Readonly<Record<string, string>>,
  switches: Switches,
): Record<string, boolean | number | string> {
  return Object.fromEntries(
    Object.entries(words).map(([name, word]) => {
      if (!Object.hasOwn(switches, name)) throw new Failure('usage', `no quirk is called ${name}`);
      const kind = typeof switches[name as SwitchName].default;
      if (kind === 'boolean') return [name, word === 'true' || word === 'on' || word === '1'];
      return [name, kind === 'number' ? Number(word) : word];
    }),
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('it must be a port from 0 to 65535.');
}

function parseQuirk(text: string, before: Record<string, string>): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('it must be NAME=VALUE.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
