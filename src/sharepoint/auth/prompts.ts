/** How a sign-in talks with the person; the command line implements it, tests answer for one. */

export interface Question {
  readonly name: 'username' | 'password' | 'cookies';
  readonly text: string;
  /** Not to be echoed. */
  readonly secret: boolean;
}

export interface Prompts {
  /** Rejects where nobody can answer. */
  ask(question: Question, signal: AbortSignal): Promise<string>;
  /** One line of progress or instruction. Never a secret, except a device code, which is for the person's eyes. */
  tell(line: string): void;
  /** Shows a page in the person's own browser; false when that isn't possible. */
  openPage?(url: URL): Promise<boolean>;
}
