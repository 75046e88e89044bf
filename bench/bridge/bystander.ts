/**
 * A Node process that does nothing, on the same CPUs: how late its event loop is says how much of a server's delay is
 * the machine's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = `const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.stdout.write('ready\\n');
process.stdin.resume().on('end', () => { console.log(delay.max / 1e6); process.exit(); });`;

export interface Bystander {
  maxDelayMs(): Promise<number>;
}

export async function startBystander(pinned: boolean): Promise<Bystander> {
  const words = [process.execPath, '-e', PROGRAM];
  const [command, ...rest] = pinned ? ['taskset', '-c', '0', ...words] : words;
  const child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  while (!said.includes('ready')) await once(child.stdout, 'data');
  return {
    maxDelayMs: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
      return Number(said.replace('ready\n', ''));
    },
  };
}
