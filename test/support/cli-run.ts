/** The program as a person runs it: a process of its own, in a home that is gone after the test. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from './daemon-fakes.js';

export const MAIN = join(import.meta.dirname, '../../src/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export class CliHome {
  readonly folder: string;
  readonly env: Record<string, string>;

  constructor(context: { after(clean: () => void): void }) {
    this.folder = temporaryFolder(context);
    const place = (name: string) => {
      mkdirSync(join(this.folder, name), { mode: 0o700 });
      return join(this.folder, name);
    };
    const {
      DISPLAY: _1,
      WAYLAND_DISPLAY: _2,
      DBUS_SESSION_BUS_ADDRESS: _3,
      NOTIFY_SOCKET: _4,
      ...inherited
    } = process.env;
    this.env = {
      ...(inherited as Record<string, string>),
      HOME: place('home'),
      XDG_CONFIG_HOME: place('config'),
      XDG_STATE_HOME: place('state'),
      XDG_CACHE_HOME: place('cache'),
      XDG_RUNTIME_DIR: place('run'),
    };
  }

  /**
   * One command line in this process, which is a tenth of the work: for what a test prepares, looks at and clears away.
   * What it tests is run as a person does, by `run`.
   */
  async here(args: readonly string[], input = ''): Promise<Outcome> {
    const { commandHere } = await import('./cli-here.js');
    const env = { env: this.env, home: this.env.HOME!, uid: process.getuid!(), temporary: tmpdir() };
    return commandHere(args, env, input);
  }

  /** Runs one command line to its end. */
  run(args: readonly string[], input = ''): Promise<Outcome> {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: this.folder, env: this.env });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    });
  }
}
