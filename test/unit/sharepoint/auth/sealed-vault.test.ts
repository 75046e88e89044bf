import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccountJar } from '../../../../src/sharepoint/auth/account-jar.js';
import { SignInError } from '../../../../src/sharepoint/auth/sign-in-error.js';
import type { Keyring } from '../../../../src/sharepoint/auth/store/keyring.js';
import { SealingKeys } from '../../../../src/sharepoint/auth/store/sealing-key.js';
import { SEALED_FILE, SealedVault } from '../../../../src/sharepoint/auth/store/session-vault.js';
import { emptySession, type StoredSession } from '../../../../src/sharepoint/auth/store/stored-session.js';
import { NO_KEYRING, temporaryDir } from '../../../support/auth-place.js';
import { FakeClock } from '../../../support/fake-clock.js';

const SITE = 'https://contoso-my.sharepoint.com/personal/user_contoso_com';
const SECRET = 'a-very-secret-word';

const session = once((): StoredSession => {
  const jar = new AccountJar(new FakeClock());
  jar.absorb(new URL(SITE), [`FedAuth=${SECRET}; path=/; secure`]);
  return { ...emptySession(SITE, 'password', jar.serialize()), password: SECRET, signedIn: true };
});

function vaultIn(stateDir: string, keyring: Keyring = NO_KEYRING, credentialsDir?: string): SealedVault {
  return new SealedVault(stateDir, new SealingKeys({ stateDir, keyring, credentialsDir }));
}

class MemoryKeyring implements Keyring {
  readonly mayExist = true;
  mayPrompt = true;
  answers = true;
  readonly secrets = new Map<string, string>();

  async read(account: string): Promise<string | null | 'unavailable'> {
    return this.answers ? (this.secrets.get(account) ?? null) : 'unavailable';
  }

  async write(account: string, secret: string): Promise<boolean> {
    if (this.answers) this.secrets.set(account, secret);
    return this.answers;
  }

  async remove(account: string): Promise<void> {
    this.secrets.delete(account);
  }
}

function once<Made>(make: () => Made): () => Made {
  const made = make();
  return () => made;
}

const isKind = (kind: string) => (error: unknown) => error instanceof SignInError && error.kind === kind;

test('what is saved comes back after a restart, and is not readable in between', async (t) => {
  const dir = await temporaryDir(t);
  await vaultIn(dir).save(session());
  assert.deepEqual(await vaultIn(dir).load(), session());
  for (const name of await readdir(dir)) {
    assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600, name);
    assert.ok(!(await readFile(join(dir, name))).includes(SECRET), name);
  }
});

test('no sign-in is null, not an error', async (t) => {
  const vault = vaultIn(await temporaryDir(t));
  assert.equal(await vault.load(), null);
  assert.equal(await vault.revision(), null);
});

test('every damage to the file is "sign in again"', async (t) => {
  const dir = await temporaryDir(t);
  const path = join(dir, SEALED_FILE);
  await vaultIn(dir).save(session());
  const whole = await readFile(path);
  const flipped = Buffer.from(whole);
  flipped[flipped.length - 20]! ^= 1;
  const otherHeader = Buffer.concat([Buffer.from('odbfs-sealed-1 file \n'), whole.subarray(20)]);
  for (const bytes of [
    flipped,
    whole.subarray(0, 40),
    whole.subarray(0, 5),
    Buffer.alloc(0),
    Buffer.alloc(2_000_000),
    otherHeader,
  ]) {
    await writeFile(path, bytes);
    await assert.rejects(vaultIn(dir).load(), isKind('damaged'));
  }
});

test('a missing or foreign key is said plainly', async (t) => {
  const dir = await temporaryDir(t);
  await vaultIn(dir).save(session());
  await rm(join(dir, 'sign-in.key'));
  await assert.rejects(vaultIn(dir).load(), isKind('unavailable'));
  await writeFile(join(dir, 'sign-in.key'), Buffer.alloc(32, 7));
  await assert.rejects(vaultIn(dir).load(), isKind('damaged'));
});

test('a systemd credential is the key where one is given', async (t) => {
  const dir = await temporaryDir(t);
  const credentials = join(dir, 'credentials');
  await mkdir(credentials);
  await writeFile(join(credentials, 'odbfs-key'), 'a pass phrase from the administrator\n');
  await vaultIn(dir, NO_KEYRING, credentials).save(session());
  assert.ok(!(await readdir(dir)).includes('sign-in.key'));
  assert.deepEqual(await vaultIn(dir, NO_KEYRING, credentials).load(), session());
  await assert.rejects(vaultIn(dir).load(), isKind('unavailable'));
});

test('the keyring has the key where a desktop is, and keeps it for a daemon without one', async (t) => {
  const dir = await temporaryDir(t);
  const keyring = new MemoryKeyring();
  await vaultIn(dir, keyring).save(session());
  assert.deepEqual(await readdir(dir), [SEALED_FILE]);
  keyring.mayPrompt = false;
  const daemon = vaultIn(dir, keyring);
  assert.deepEqual(await daemon.load(), session());
  await daemon.save(session());
  assert.deepEqual(await readdir(dir), [SEALED_FILE]);
});

test('a keyring that does not answer is no damage, and nothing is written over what it may hold', async (t) => {
  const dir = await temporaryDir(t);
  const keyring = new MemoryKeyring();
  await vaultIn(dir, keyring).save(session());
  const key = keyring.secrets.get(dir);
  keyring.answers = false;
  await assert.rejects(vaultIn(dir, keyring).load(), isKind('unavailable'));
  await vaultIn(await temporaryDir(t), keyring).save(session());
  assert.equal(keyring.secrets.get(dir), key);
});

test('a vault in use follows when somebody signs out and in again with a new key', async (t) => {
  const dir = await temporaryDir(t);
  const daemon = vaultIn(dir);
  await daemon.save(session());
  const before = await daemon.revision();
  const login = vaultIn(dir);
  await login.load();
  await login.remove();
  await login.save({ ...session(), username: 'other' });
  assert.notEqual(await daemon.revision(), before);
  assert.equal((await daemon.load())?.username, 'other');
});

test('removal leaves nothing, in the keyring neither', async (t) => {
  const dir = await temporaryDir(t);
  const keyring = new MemoryKeyring();
  await vaultIn(dir, keyring).save(session());
  await vaultIn(dir, keyring).remove();
  assert.deepEqual(await readdir(dir), []);
  assert.equal(keyring.secrets.size, 0);
});

test('cut at any byte, the sealed file or its key is damaged or missing: said so, and a login repairs it', async (t) => {
  const dir = await temporaryDir(t);
  for (const name of [SEALED_FILE, 'sign-in.key']) {
    const path = join(dir, name);
    await vaultIn(dir).save(session());
    const whole = await readFile(path);
    for (const length of [0, 1, 14, 20, 25, 40, whole.length - 1].filter((one) => one < whole.length)) {
      await writeFile(path, whole.subarray(0, length));
      await assert.rejects(
        vaultIn(dir).load(),
        (error) => isKind('damaged')(error) || isKind('unavailable')(error),
      );
    }
    await vaultIn(dir).save(session());
    assert.deepEqual(await vaultIn(dir).load(), session());
  }
});

test('a file that can not be read is no crash', async (t) => {
  const dir = await temporaryDir(t);
  await mkdir(join(dir, SEALED_FILE));
  await assert.rejects(vaultIn(dir).load(), isKind('unavailable'));
});

test('a service with a credential takes the seal over from the key file, which is then gone', async (t) => {
  const [dir, credentials] = [await temporaryDir(t), await temporaryDir(t)];
  await writeFile(join(credentials, 'odbfs-key'), 'a pass phrase of an administrator');
  await vaultIn(dir).save(session());
  const service = vaultIn(dir, NO_KEYRING, credentials);
  await service.save((await service.load())!);
  assert.deepEqual(await readdir(dir), [SEALED_FILE]);
  assert.deepEqual(await vaultIn(dir, NO_KEYRING, credentials).load(), session());
  await assert.rejects(vaultIn(dir).load(), isKind('unavailable'));
  await vaultIn(dir).save(session());
  assert.deepEqual(await service.load(), session());
});
