/** Which proxy the environment names for a server, as curl and others read it: HTTPS_PROXY, ALL_PROXY, NO_PROXY. */

export interface Target {
  readonly hostname: string;
  readonly port: string;
  readonly protocol: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/i;

/** Null: none. What is not encrypted is asked for directly: nothing but a test or a server at hand is. */
export function proxyOf({ hostname, port, protocol }: Target, environment: Environment): string | null {
  if (protocol !== 'https:' || LOOPBACK.test(hostname)) return null;
  const proxy = named(environment, 'HTTPS_PROXY') ?? named(environment, 'ALL_PROXY');
  if (proxy === null || isExempt(hostname, port || '443', named(environment, 'NO_PROXY') ?? '')) return null;
  return proxy;
}

function named(environment: Environment, name: string): string | null {
  const value = environment[name.toLowerCase()] ?? environment[name] ?? '';
  return value === '' ? null : value;
}

/** A name stands for itself and all below it, with a dot before it or without; `*` for all. */
function isExempt(hostname: string, port: string, list: string): boolean {
  const host = hostname.toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      return name !== '' && (only ?? port) === port && (host === name || host.endsWith(`.${name}`));
    });
}
