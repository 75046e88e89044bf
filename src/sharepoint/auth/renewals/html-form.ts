/**
 * Finds the form that a sign-in page posts by itself: attributes in any order and any quotes, values HTML-escaped
 * (protocol notes 1g). Not a parser of HTML; pages that need one need a person.
 */

export interface HtmlForm {
  /** As written, un-escaped; may be relative. */
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Every hidden field, in the order of the page. */
  readonly hidden: readonly (readonly [name: string, value: string])[];
  /** True when a person could type something into it. */
  readonly asksSomething: boolean;
}

/** Fields that SharePoint's form has at least one of; other posting forms are questions. */
const ANSWER_FIELDS = ['id_token', 'code', 'error', 't', 'wresult'];

/** The auto-post form of hop 4, or null when the page is anything else. */
export function autoPostForm(html: string): HtmlForm | null {
  return (
    formsIn(html).find(
      (form) =>
        form.method === 'POST' &&
        !form.asksSomething &&
        form.hidden.some(([name]) => ANSWER_FIELDS.includes(name)),
    ) ?? null
  );
}

/** In time proportional to the page, however it is made: nothing is looked for twice. */
export function formsIn(html: string): HtmlForm[] {
  const forms: HtmlForm[] = [];
  const starts = /<form(?=[\s>])/gi;
  for (let start = starts.exec(html); start !== null; start = starts.exec(html)) {
    const tagEnd = html.indexOf('>', starts.lastIndex);
    const end = indexOfIgnoringCase(html, '</form', tagEnd);
    if (tagEnd < 0 || end < 0) break;
    forms.push(formOf(attributesOf(html.slice(starts.lastIndex, tagEnd)), html.slice(tagEnd + 1, end)));
    starts.lastIndex = end;
  }
  return forms;
}

function indexOfIgnoringCase(text: string, word: string, from: number): number {
  const found = new RegExp(word, 'gi');
  found.lastIndex = Math.max(from, 0);
  return found.exec(text)?.index ?? -1;
}

function formOf(attributes: ReadonlyMap<string, string>, content: string): HtmlForm {
  const inputs = content
    .split(/<input(?=[\s/>])/i)
    .slice(1)
    .map(inputOf);
  const typed = inputs.filter(
    (input) => !/^(hidden|submit|button|image|reset)$/i.test(input.get('type') ?? 'text'),
  );
  return {
    action: attributes.get('action') ?? '',
    method: /^post$/i.test(attributes.get('method') ?? '') ? 'POST' : 'GET',
    hidden: inputs
      .filter((input) => /^hidden$/i.test(input.get('type') ?? '') && input.has('name'))
      .map((input) => [input.get('name')!, input.get('value') ?? ''] as const),
    asksSomething: typed.length > 0 || /<(textarea|select)\b/i.test(content),
  };
}

/** `text` begins behind `<input`; values in quotes may hold a `>`. */
function inputOf(text: string): Map<string, string> {
  return attributesOf(/^(?:[^>"']|"[^"]*"|'[^']*')*/.exec(text)?.[0] ?? '');
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of text.matchAll(/(?<![\w:-])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)) {
    found.set(match[1]!.toLowerCase(), unescapeHtml(match[2] ?? match[3] ?? match[4] ?? ''));
  }
  return found;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

export function unescapeHtml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name) return NAMED[name.toLowerCase()] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
