/** `odbfs demo`: a drive to play with; no account, no network, no root. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type CommandContext, interruptible } from '../command-context.js';
import type { Demo } from '../demo/demo.js';
import { withProgress } from '../progress.js';

const DEFAULT_MOUNTPOINT = 'OneDrive-demo';

export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('mount a sample drive from a stand-in server on this machine, until Ctrl-C')
    .argument('[MOUNTPOINT]', 'default: ./OneDrive-demo')
    .action((mountpoint: string | undefined) =>
      interruptible((signal) => run(context, resolve(mountpoint ?? DEFAULT_MOUNTPOINT), signal)),
    );
}

async function run(context: CommandContext, mountpoint: string, signal: AbortSignal): Promise<void> {
  const { Demo } = await import('../demo/demo.js');
  const demo = new Demo(mountpoint);
  try {
    await withProgress('starting the demo', () => demo.start(signal));
    context.terminal.print(whatToTry(demo));
    await demo.lasts(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await withProgress('taking everything away again', () => demo.undo());
  }
  context.terminal.print('The demo is over; nothing of it is left.');
}

function whatToTry({ mountpoint, url }: Demo): string {
  const place = /[^\w/.-]/.test(mountpoint) ? `'${mountpoint}'` : mountpoint;
  return `
A OneDrive is mounted at ${mountpoint}
(the server behind it is a stand-in: ${url})

In another terminal, try:

  ls -l ${place}
  cat ${place}/Welcome.txt
  cp /etc/hostname ${place}/Documents/
  rsync -a /usr/share/doc/git ${place}/            # again: nothing is sent
  grep -r milk ${place}/Notes
  git init ${place}/project
  $EDITOR ${place}/Welcome.txt

Ctrl-C ends the demo and undoes everything.
`;
}
