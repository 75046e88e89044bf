/** The exit codes of every command: a contract with scripts and services. */
import type { FailureKind } from '../daemon/index.js';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_SIGN_IN = 3;

const EXIT_CODES: Record<FailureKind, number> = {
  failed: EXIT_FAILED,
  usage: EXIT_USAGE,
  'sign-in': EXIT_SIGN_IN,
  unreachable: 4,
  'not-found': 5,
  owed: 6,
};

export function exitCodeOf(kind: FailureKind): number {
  return EXIT_CODES[kind];
}
