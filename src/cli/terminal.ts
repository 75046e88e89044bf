/**
 * The person's terminal: lines out, errors in one line, questions whose answers may be hidden. Standard output is for
 * results alone; talk goes to standard error, so that pipes stay clean.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failure } from '../daemon/index.js';
import { EXIT_FAILED } from './exit-code.js';

/** A line that is longer than this is not an answer to a question of ours. */
const LONGEST_ANSWER_BYTES = 1024 * 1024;

export class Terminal {
  readonly #input = process.stdin;
  #isUnread = false;
  #isRefused = false;

  /** To be called once: without it an output that takes no more would end the process with a stack. */
  watchOutput(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#isUnread = true;
      // Whoever read it has had enough, as `head` has.
      if (error.code === 'EPIPE' || this.#isRefused) return;
      this.#isRefused = true;
      this.say(`odbfs: the result can't be written to standard output: ${error.message}`);
      process.exitCode = EXIT_FAILED;
    });
  }

  /** Nobody takes results any more. */
  get isUnread(): boolean {
    return this.#isUnread;
  }

  /** Results were not taken, and not because nobody wanted them. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Somebody sits here and may be asked. */
  get isInteractive(): boolean {
    return this.#input.isTTY === true && process.stderr.isTTY === true;
  }

  /** A result. */
  print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** Talk, warnings, errors. */
  say(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** Asks for a line; throws `Failure` when nobody is there. */
  async ask(question: string): Promise<string> {
    return this.#question(question, process.stderr);
  }

  /** Asks for a secret: what is typed is not shown. */
  async askHidden(question: string): Promise<string> {
    process.stderr.write(question);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    try {
      return await this.#question('', nowhere);
    } finally {
      process.stderr.write('\n');
    }
  }

  /** All of standard input, less the final newline: for `--password-stdin` and pasted cookies. */
  async readAll(): Promise<string> {
    let text = '';
    for await (const chunk of this.#input.setEncoding('utf8')) {
      text += chunk;
      if (text.length > LONGEST_ANSWER_BYTES) throw new Failure('usage', 'standard input is too long');
    }
    return text.replace(/\r?\n$/, '');
  }

  async #question(question: string, output: NodeJS.WritableStream): Promise<string> {
    if (!this.isInteractive) throw new Failure('usage', 'nobody is at the terminal to answer a question');
    const lines = createInterface({ input: this.#input, output, terminal: true });
    const interrupted = new Promise<never>((_, reject) => {
      lines.once('SIGINT', () => reject(new Failure('failed', 'interrupted')));
      lines.once('close', () => reject(new Failure('failed', 'no answer')));
    });
    try {
      return await Promise.race([lines.question(question), interrupted]);
    } finally {
      lines.close();
    }
  }
}
