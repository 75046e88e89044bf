/**
 * The options of a program that a person starts by `npm run`: each has a default, and a number for a default makes it a
 * number. What cannot be read is one usage line and exit code 2; `--help` is that line and 0.
 */
import { parseArgs } from 'node:util';

export type Defaults = Readonly<Record<string, string | number | boolean>>;

export type OptionsLike<D extends Defaults> = {
  readonly [Name in keyof D]: D[Name] extends number ? number : D[Name] extends boolean ? boolean : string;
};

export type ReadOptions<D extends Defaults> =
  | { readonly kind: 'options'; readonly options: OptionsLike<D> }
  | { readonly kind: 'help'; readonly usage: string }
  | { readonly kind: 'wrong'; readonly usage: string };

/** Of this process: ends it where there is nothing to go on with. */
export function optionsOrExit<const D extends Defaults>(command: string, defaults: D): OptionsLike<D> {
  const read = readOptions(command, defaults, process.argv.slice(2));
  if (read.kind === 'options') return read.options;
  (read.kind === 'help' ? process.stdout : process.stderr).write(`${read.usage}\n`);
  process.exit(read.kind === 'help' ? 0 : 2);
}

export function readOptions<const D extends Defaults>(
  command: string,
  defaults: D,
  words: readonly string[],
): ReadOptions<D> {
  const usage = usageOf(command, defaults);
  try {
    const { help, ...given } = parsed(defaults, words);
    if (help === true) return { kind: 'help', usage };
    const entries = Object.entries(defaults).map(([name, value]) => [
      name,
      optionOf(name, value, given[name]),
    ]);
    return { kind: 'options', options: Object.fromEntries(entries) as OptionsLike<D> };
  } catch (error) {
    return { kind: 'wrong', usage: `${firstSentence(error)}; ${usage}` };
  }
}

function usageOf(command: string, defaults: Defaults): string {
  const words = Object.entries(defaults).map(([name, value]) =>
    value === false ? `[--${name}]` : `[--${name} ${value === '' ? 'TEXT' : value}]`,
  );
  return `usage: npm run ${command} ${words.join(' ')}`;
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

function parsed(defaults: Defaults, words: readonly string[]): Given {
  const options = Object.entries(defaults).map(([name, value]) => [
    name,
    { type: typeof value === 'boolean' ? 'boolean' : 'string' },
  ]);
  const { values } = parseArgs({
    args: [...words],
    options: { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h' } },
  });
  return values as Given;
}

function optionOf(name: string, value: string | number | boolean, given: string | boolean | undefined) {
  if (given === undefined || typeof value !== 'number') return given ?? value;
  const number = given === '' ? Number.NaN : Number(given);
  if (!(number >= 0 && number < Infinity)) throw new Error(`--${name} must be a number, not "${given}"`);
  return number;
}

/** Of what `parseArgs` says, the rest is about words that begin with a dash. */
function firstSentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .split(/\.(?:\s|$)/)[0]!
    .replace(/\n.*/s, '');
}
