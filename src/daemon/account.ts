/** Which account a person means, and where it is mounted when nobody says. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AccountConfig } from './config.js';
import { Failure } from './failure.js';

/** The account of that name, or the only one. Throws `Failure`. */
export function chooseAccount(accounts: readonly AccountConfig[], name: string | undefined): AccountConfig {
  if (name === undefined) return onlyAccount(accounts);
  const found = accounts.find((account) => account.name === name);
  if (found !== undefined) return found;
  const known = accounts.length === 0 ? 'there is none yet' : `there ${namesOf(accounts)}`;
  throw new Failure(
    'not-found',
    `no account is called "${name}": ${known}; sign in with: odbfs login SITE-URL`,
  );
}

function onlyAccount(accounts: readonly AccountConfig[]): AccountConfig {
  const [first, second] = accounts;
  if (first === undefined) {
    throw new Failure('not-found', 'there is no account yet: sign in with: odbfs login SITE-URL');
  }
  if (second === undefined) return first;
  throw new Failure('usage', `which account? There ${namesOf(accounts)}`);
}

/** Where an account is mounted unless told otherwise: the first at ~/OneDrive, others with their name. */
export function mountpointOf(account: AccountConfig, accounts: readonly AccountConfig[]): string {
  if (account.mountpoint !== null) return resolve(account.mountpoint);
  const isFirst = accounts[0]?.name === account.name;
  return join(homedir(), isFirst ? 'OneDrive' : `OneDrive - ${account.name}`);
}

function namesOf(accounts: readonly AccountConfig[]): string {
  const names = accounts.map(({ name }) => name).join(', ');
  return accounts.length === 1 ? `is only ${names}` : `are ${names}`;
}
