/**
 * The desktop keyring as a place for our key: never hangs (a child process with a deadline asks it), never prompts where
 * nobody sits, and where there is none it says so by null or false.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Keyring {
  /** Whether there may be a Secret Service at all; cheap, asks nobody. */
  readonly mayExist: boolean;
  /** Whether a person could answer a prompt, so that a new key may be put there. */
  readonly mayPrompt: boolean;
  /** `unavailable` when nothing answered in time; null when it answered that there is no such key. */
  read(account: string): Promise<string | null | 'unavailable'>;
  /** False when it was not kept. */
  write(account: string, secret: string): Promise<boolean>;
  remove(account: string): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Somebody may have to type the keyring's password; without a display nobody can. */
const PROMPT_DEADLINE_MS = 30_000;
const SILENT_DEADLINE_MS = 3_000;
const MAX_ANSWER_BYTES = 16 * 1024;

export function desktopKeyring(environment: Environment = process.env): Keyring {
  const bus = busAddress(environment);
  const hasBus = bus !== null;
  const hasDisplay = Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
  const deadlineMs = hasDisplay ? PROMPT_DEADLINE_MS : SILENT_DEADLINE_MS;
  const ask = (request: object) =>
    askChild(request, { ...environment, DBUS_SESSION_BUS_ADDRESS: bus ?? undefined }, deadlineMs);
  return {
    mayExist: hasBus,
    mayPrompt: hasBus && hasDisplay,
    read: async (account) => {
      const answer = await ask({ action: 'read', account });
      return answer === null ? 'unavailable' : answer.secret;
    },
    write: async (account, secret) => (await ask({ action: 'write', account, secret })) !== null,
    remove: async (account) => void (await ask({ action: 'remove', account })),
  };
}

/** A cron job has no session's environment; the user's bus is where systemd puts it all the same. */
function busAddress({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: Environment): string | null {
  if (DBUS_SESSION_BUS_ADDRESS) return DBUS_SESSION_BUS_ADDRESS;
  const path = `${XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.()}`}/bus`;
  return existsSync(path) ? `unix:path=${path}` : null;
}

function askChild(
  request: object,
  environment: Environment,
  deadlineMs: number,
): Promise<{ secret: string | null } | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./keyring-child.js', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...environment },
    });
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    let answer = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      if (answer.length < MAX_ANSWER_BYTES) answer += text;
    });
    child.on('error', () => resolve(null));
    child.on('close', () => {
      clearTimeout(deadline);
      resolve(parsed(answer));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

function parsed(answer: string): { secret: string | null } | null {
  try {
    const value = JSON.parse(answer) as { secret?: string | null; error?: string };
    return value.error === undefined ? { secret: value.secret ?? null } : null;
  } catch {
    return null;
  }
}
