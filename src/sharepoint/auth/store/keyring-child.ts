/**
 * A process of its own that asks the desktop's Secret Service for our key and exits. On its own because the native
 * call blocks, waits for prompts that nobody may see, and cannot be taken back: the parent kills this process instead.
 * One request as JSON on standard input, one answer as JSON on standard output; secrets are in neither argv nor
 * environment.
 */
import { createRequire } from 'node:module';

interface KeyringRequest {
  readonly action: 'read' | 'write' | 'remove';
  readonly account: string;
  readonly secret?: string;
}

const SERVICE = 'odbfs';

async function main(): Promise<void> {
  const asked = JSON.parse(await standardInput()) as KeyringRequest;
  process.stdout.write(JSON.stringify(await answer(asked)));
}

async function answer(asked: KeyringRequest): Promise<{ secret: string | null } | { error: string }> {
  try {
    // Pinned: its own fallback is the kernel's keyring, which forgets at the next boot.
    const { Entry } = createRequire(import.meta.url)('@napi-rs/keyring') as typeof import('@napi-rs/keyring');
    const entry = new Entry(SERVICE, asked.account, { linux: { store: 'secret-service' } });
    if (asked.action === 'write') entry.setPassword(asked.secret ?? '');
    if (asked.action === 'remove') entry.deletePassword();
    return { secret: asked.action === 'read' ? entry.getPassword() : null };
  } catch (error) {
    return { error: error instanceof Error ? error.name : 'unknown' };
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

await main();
