/**
 * A client for the tests of the stand-in's sign-in: real HTTP to the logical hosts by their names, a small cookie jar,
 * no redirect followed unless asked. Shares nothing with the daemon's own client.
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { type Standin, type StandinOptions, startStandin } from '../../src/standin/index.js';
import { lastFirst } from './last-first.js';

export const LOGIN = 'login.microsoftonline.test';
export const MY = 'contoso-my.sharepoint.test';
export const ROOT = 'contoso.sharepoint.test';
export const ADFS = 'adfs.contoso.test';
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';
export const USER = 'user@contoso.com';
export const SITE = '/personal/user_contoso_com';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly setCookies: readonly string[];
  readonly url: string;
}

/** A stand-in that ends with the test, which fails if the stand-in itself did. */
export async function standinFor(test: TestContext, options: StandinOptions = {}): Promise<Standin> {
  const standin = await startStandin(options);
  lastFirst(test, async () => {
    await standin.close();
    if (standin.control.bugs.length > 0) throw new Error(standin.control.bugs.join('\n'));
  });
  return standin;
}

export class SignInClient {
  readonly #standin: Standin;
  readonly userAgent: string;
  /** By the domain that they go to: a host, or the parent domain with a leading dot. */
  readonly jar = new Map<string, Map<string, string>>();
  readonly visited: string[] = [];

  constructor(standin: Standin, userAgent = BROWSER) {
    this.#standin = standin;
    this.userAgent = userAgent;
  }

  cookie(domain: string, name: string): string | undefined {
    return this.jar.get(domain)?.get(name);
  }

  /** All cookies of a host without its parent's. */
  names(domain: string): string[] {
    return [...(this.jar.get(domain)?.keys() ?? [])];
  }

  async send(url: string, sent: Sent = {}): Promise<Got> {
    const { host, pathname, search } = new URL(url);
    this.visited.push(host + pathname);
    const body = sent.form === undefined ? sent.body : new URLSearchParams(sent.form).toString();
    const cookies = this.#cookiesFor(host);
    const got = await exchange(this.#standin.port, {
      method: sent.method ?? (body === undefined ? 'GET' : 'POST'),
      path: pathname + search,
      body,
      headers: {
        Host: host,
        'User-Agent': this.userAgent,
        ...(sent.form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
        ...(cookies !== '' && { Cookie: cookies }),
        ...sent.headers,
      },
    });
    for (const line of got.setCookies) this.#keep(host, line);
    return { ...got, url };
  }

  /** Follows redirects, and pages that post themselves, until a page for a person or something else. */
  async follow(first: Got): Promise<Got> {
    let got = first;
    for (let hops = 0; hops < 20; hops++) {
      const location = got.headers.location;
      if (got.status === 302 && location !== undefined)
        got = await this.send(new URL(location, got.url).href);
      else if (got.text.includes('<title>Working...</title>')) got = await this.submit(got);
      else return got;
    }
    throw new Error('too many hops');
  }

  /** Posts a page's form with all its hidden inputs and what a person typed. */
  submit(page: Got, typed: Readonly<Record<string, string>> = {}): Promise<Got> {
    const { action, fields } = readForm(page.text);
    return this.send(new URL(action, page.url).href, { form: { ...fields, ...typed } });
  }

  async browse(url: string): Promise<Got> {
    return this.follow(await this.send(url));
  }

  /** User name, password, "Stay signed in?", and on to the page that was asked for. */
  async signIn(url: string, user: { upn: string; password: string; stay?: boolean }): Promise<Got> {
    let page = await this.browse(url);
    page = await this.follow(await this.submit(page, { loginfmt: user.upn }));
    page = await this.follow(await this.submit(page, { passwd: user.password }));
    if (!page.text.includes('Stay signed in?')) return page;
    return this.follow(await this.submit(page, { LoginOptions: user.stay === true ? '1' : '3' }));
  }

  #cookiesFor(host: string): string {
    const jars = [...this.jar].filter(([domain]) => domain === host || host.endsWith(domain));
    return jars.flatMap(([, cookies]) => [...cookies].map(([name, value]) => `${name}=${value}`)).join('; ');
  }

  #keep(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    const domain = attributes.find((one) => one.startsWith('domain='))?.slice(7);
    const key = domain === undefined ? host : `.${domain}`;
    const jar = this.jar.get(key) ?? new Map<string, string>();
    this.jar.set(key, jar);
    if (line.includes('expires=Thu, 01 Jan 1970')) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

/** The first form of a page: attributes in any order and either quote, values with any reference. */
export function readForm(html: string): { action: string; fields: Record<string, string> } {
  const form = /<form\s([^>]*)>/.exec(html)?.[1] ?? '';
  const fields: Record<string, string> = {};
  for (const [, inside = ''] of html.matchAll(/<input\s([^>]*?)\/?>/g)) {
    const input = attributesOf(inside);
    if (input.name !== undefined && input.type === 'hidden') fields[input.name] = input.value ?? '';
  }
  return { action: attributesOf(form).action ?? '', fields };
}

function attributesOf(inside: string): Record<string, string> {
  const found = inside.matchAll(/([\w-]+)=(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries([...found].map(([, name, one, two]) => [name, unescapeHtml(one ?? two ?? '')]));
}

function unescapeHtml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:#x([\dA-F]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
    hex
      ? String.fromCodePoint(Number.parseInt(hex, 16))
      : decimal
        ? String.fromCodePoint(Number(decimal))
        : named[name]!,
  );
}

function exchange(
  port: number,
  sent: { method: string; path: string; headers: Record<string, string>; body: string | undefined },
): Promise<Omit<Got, 'url'>> {
  return new Promise((resolve, reject) => {
    const { method, path, body } = sent;
    const headers =
      body === undefined
        ? sent.headers
        : { ...sent.headers, 'Content-Length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString('utf8'),
            setCookies: response.headers['set-cookie'] ?? [],
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
