/**
 * What is remembered of passwords that a server refused, by user and for all accounts of this person: directories count
 * wrong ones per user, whatever we call the account. Holds no name and no password: a hash of the one, and of the other
 * too little to find it by trying. Which of it stops an attempt is the breaker's.
 */
import { createHash, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeDurably } from './durable-write.js';

const entrySchema = z.object({
  /** Tells a password from another; four bytes, so that thousands of likely ones share it. */
  mark: z.string(),
  at: z.number(),
  /** `locked`: the server itself says so; `unclear`: it was sent, and what came back does not tell. */
  verdict: z.enum(['wrong', 'locked', 'unclear']),
});

const ledgerSchema = z.object({
  format: z.literal(1),
  salt: z.string(),
  /** By the user's hash. */
  users: z.record(z.string(), z.array(entrySchema)),
});

export type LedgerEntry = Readonly<z.infer<typeof entrySchema>>;
type Ledger = z.infer<typeof ledgerSchema>;

const MARK_BYTES = 4;
const MAX_USERS = 64;
const MAX_ENTRIES = 16;

export class PasswordLedger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The oldest first. */
  async entriesOf(user: string): Promise<readonly LedgerEntry[]> {
    return (await this.#read()).users[hashOf(user)] ?? [];
  }

  /** Throws when it can't be kept: what is not remembered must not be sent. */
  async replace(user: string, entries: readonly LedgerEntry[]): Promise<void> {
    const ledger = await this.#read();
    const { [hashOf(user)]: _before, ...others } = ledger.users;
    const kept = Object.entries(others).slice(1 - MAX_USERS);
    const own = entries.length === 0 ? [] : [[hashOf(user), entries.slice(-MAX_ENTRIES)] as const];
    const users = Object.fromEntries([...kept, ...own]);
    await writeDurably(this.#path, Buffer.from(JSON.stringify({ ...ledger, users })));
  }

  async markOf(user: string, password: string): Promise<string> {
    const ledger = await this.#read();
    // The salt has to be the same for the next process.
    if (Object.keys(ledger.users).length === 0)
      await writeDurably(this.#path, Buffer.from(JSON.stringify(ledger)));
    return (await slowHash(password, `${ledger.salt} ${user}`)).toString('hex');
  }

  /** Whatever can't be understood there counts as nothing: it says less than the server does. */
  async #read(): Promise<Ledger> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    try {
      return ledgerSchema.parse(JSON.parse(text));
    } catch {
      return { format: 1, salt: randomBytes(16).toString('base64'), users: {} };
    }
  }
}

function hashOf(user: string): string {
  return createHash('sha256').update(`odbfs user\0${user}`).digest('base64url');
}

const COST: ScryptOptions = { N: 2 ** 14 };

function slowHash(password: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, MARK_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
