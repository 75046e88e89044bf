/** How a sign-in talks with the person at the terminal, or with whoever fills standard input. */
import { spawn } from 'node:child_process';
import type { Prompts, Question } from '../sharepoint/index.js';
import type { Terminal } from './terminal.js';

export interface PromptSources {
  /** Standard input is the password. */
  readonly passwordFromInput: boolean;
}

export function terminalPrompts(terminal: Terminal, sources: PromptSources): Prompts {
  return {
    ask: (question) => answer(terminal, question, sources),
    tell: (line) => terminal.say(line),
    openPage,
  };
}

async function answer(terminal: Terminal, question: Question, sources: PromptSources): Promise<string> {
  if (question.name === 'password' && sources.passwordFromInput) return terminal.readAll();
  if (question.name === 'cookies' && !terminal.isInteractive) return terminal.readAll();
  return question.secret ? terminal.askHidden(question.text) : terminal.ask(question.text);
}

/** Only a login page without secrets is ever opened so: arguments are public. */
async function openPage(url: URL): Promise<boolean> {
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  return new Promise((resolve) => {
    const child = spawn('xdg-open', [url.href], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
