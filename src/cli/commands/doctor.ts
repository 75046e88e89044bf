/** `odbfs doctor`: what stands in the way, and one fix for each finding. */
import type { Command } from 'commander';
import { type AccountConfig, examine, Failure, type Finding, probeAccount } from '../../daemon/index.js';
import { type CommandContext, interruptible } from '../command-context.js';
import { withProgress } from '../progress.js';

const SIGNS: Record<Finding['state'], string> = { good: 'ok  ', warning: 'note', problem: 'BAD ' };

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look for what stands in the way of a mount, and tell how to mend it')
    .argument('[ACCOUNT]', 'default: the only account; without any, only this machine is looked at')
    .option(
      '--probe',
      'ask the server, read-only and within a minute, what nobody knows yet; prints a report without secrets',
    )
    .action((name: string | undefined, { probe }: { probe?: boolean }) =>
      interruptible((signal) => (probe ? printProbe : report)(context, name, signal)),
    );
}

async function printProbe(
  context: CommandContext,
  name: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const account = context.account(name);
  const found = await withProgress('asking the server', () => probeAccount(account, context.paths, signal));
  context.terminal.print(JSON.stringify(found, null, 2));
  context.terminal.say('This names nobody and nothing: it may go into a bug report as it is.');
}

async function report(context: CommandContext, name: string | undefined, signal: AbortSignal): Promise<void> {
  let problems = 0;
  for await (const finding of examine(whose(context, name), context.paths, signal)) {
    context.terminal.print(`${SIGNS[finding.state]} ${finding.about}: ${finding.says}`);
    if (finding.fix !== null) context.terminal.print(`     ${finding.fix}`);
    if (finding.state === 'problem') problems += 1;
  }
  if (problems > 0) throw new Failure('failed', `${problems} problem${problems === 1 ? '' : 's'} found`);
}

function whose(context: CommandContext, name: string | undefined): AccountConfig | null {
  if (name === undefined && context.config.accounts().length === 0) return null;
  return context.account(name);
}
