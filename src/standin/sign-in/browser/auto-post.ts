/**
 * The page that carries a result to another host: hidden inputs and a script that posts them (protocol notes 1g, hop 4).
 * Attributes stand in any order, in either quote, and their values are escaped in any of the ways HTML knows, so that
 * only a client that really reads HTML gets through.
 */
import type { RandomSource } from '../../random-source.js';
import { escapeMarkup } from '../escape.js';

export type PostFields = Readonly<Record<string, string>>;

export function autoPostPage(action: string, fields: PostFields, random: RandomSource): string {
  const form = shuffled([`method="POST"`, `name="hiddenform"`, `action="${escapeMarkup(action)}"`], random);
  const inputs = shuffled(Object.entries(fields), random).map(([name, value]) => input(name, value, random));
  return (
    '<html><head><title>Working...</title></head><body>' +
    `<form ${form.join(' ')}>${inputs.join('')}` +
    '<noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit" /></noscript>' +
    '</form><script language="javascript">document.forms[0].submit();</script></body></html>'
  );
}

function input(name: string, value: string, random: RandomSource): string {
  const attributes = shuffled(
    [attribute('type', 'hidden', random), attribute('name', name, random), attribute('value', value, random)],
    random,
  );
  return `<input ${attributes.join(' ')} />`;
}

function attribute(name: string, value: string, random: RandomSource): string {
  const quote = random.integer(3) === 0 ? "'" : '"';
  return `${name}=${quote}${escapeVariously(value, random)}${quote}`;
}

/** What has to be escaped is, and now and then a plus or an equals sign as a numeric reference. */
function escapeVariously(value: string, random: RandomSource): string {
  return escapeMarkup(value).replace(/[+=]/g, (found) => {
    if (random.integer(4) !== 0) return found;
    const code = found.charCodeAt(0);
    return random.integer(2) === 0 ? `&#${code};` : `&#x${code.toString(16).toUpperCase()};`;
  });
}

function shuffled<Item>(items: readonly Item[], random: RandomSource): Item[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.integer(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
