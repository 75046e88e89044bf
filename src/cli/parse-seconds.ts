import { InvalidArgumentError } from 'commander';

const MOST_SECONDS = 7 * 86_400;

/** An argument in seconds. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= MOST_SECONDS) return seconds;
  throw new InvalidArgumentError(`it must be seconds from 0 to ${MOST_SECONDS}.`);
}
