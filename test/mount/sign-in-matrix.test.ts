/**
 * Every way in which a server says "not signed in" (protocol notes 2.9), in the middle of rsync: nobody notices but the
 * login host, and nothing is ever asked in a loop.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CliAccount, eventually, expectDone } from '../support/cli-account.js';
import { missingPrograms } from '../support/programs.js';

const skip = missingPrograms('rsync');
const FILES = 40;

const NOTHING = {
  restRefusalStatus: 401,
  restRefusalHeader: false,
  loginPageWith200: false,
  ofbaReturnUrl: true,
  ofbaDialogSize: '',
  fedAuthLayout: 'V13',
  fedAuthTruncated: false,
  spuriousUnauthorizedEvery: 0,
  faultMatch: '',
  reissueAfterSeconds: 0,
};

const ROWS: Readonly<Record<string, object>> = {
  'DAV: 403 with OFBA and 917656; REST: 401': {},
  'REST: 403': { restRefusalStatus: 403 },
  'REST: 403 with 917656': { restRefusalStatus: 403, restRefusalHeader: true },
  'REST: 401 with 917656': { restRefusalHeader: true },
  'a download is 200 with the login page': { loginPageWith200: true },
  'OFBA without a return address, with a size': { ofbaReturnUrl: false, ofbaDialogSize: '800x600' },
  'a cookie that tells no end': { fedAuthLayout: 'V99' },
  'a cookie that is cut off': { fedAuthTruncated: true },
  'every third request is 401 for no reason': { spuriousUnauthorizedEvery: 3, faultMatch: '/personal/' },
  'a new cookie comes along with every answer': { reissueAfterSeconds: 1 },
};

async function mounted(t: TestContext) {
  const account = await CliAccount.mounted(t, ['poll=1']);
  await eventually(async () => (await account.status()).tree.complete);
  const local = join(account.home.folder, 'local');
  mkdirSync(local);
  for (let n = 0; n < FILES; n += 1) writeFileSync(join(local, `f${n}`), `${n} `.repeat(n * 40));
  return { account, local };
}

test('rsync goes through while the session ends again and again, whatever the server then says', {
  skip,
  timeout: 280_000,
}, async (t) => {
  const { account, local } = await mounted(t);
  const { server } = account;
  for (const [row, switches] of Object.entries(ROWS)) {
    await t.test(row, async () => {
      await server.control('switches', { switches: { ...NOTHING, ...switches } });
      const folder = row.replace(/[^a-z0-9]+/gi, '-');
      const before = await renewals(account);
      let isOver = false;
      const ending = endAgainAndAgain(account, () => isOver);
      const sent = await account.shell(`rsync -a ${local}/ ${folder}/`);
      const flushed = await account.home.run(['flush', '--timeout', '60']);
      isOver = true;
      await ending;
      assert.deepEqual([sent, flushed.code], [{ code: 0, out: '', err: '' }, 0], flushed.err);
      const compared = await account.shell(`rsync -aic ${local}/ ${folder}/; diff -r ${local} ${folder}`);
      assert.deepEqual(compared, { code: 0, out: '', err: '' });
      const paths = await server.paths();
      assert.equal(paths.filter((path) => path.includes(`${folder}/f`)).length, FILES);
      await server.control('write', { path: `${folder}/far`, text: `far away, ${row}` });
      await eventually(async () => (await account.shell(`test -e ${folder}/far`)).code === 0);
      await server.control('expire', { what: 'cookies' });
      const read = await account.shell(`cat ${folder}/far`);
      assert.deepEqual(read, { code: 0, out: `far away, ${row}`, err: '' });
      await server.control('switches', { switches: NOTHING });
      await eventually(async () => (await account.status()).auth.state === 'ok');
      const renewed = (await renewals(account)) - before;
      assert.ok(renewed >= 1 && renewed < 120, `${renewed} renewals`);
    });
  }
  const { counts } = await server.control<{ counts: Record<string, number> }>('sign-ins');
  assert.equal(counts['password-wrong'] ?? 0, 0);
});

test('917656 with the best of sessions is policy: said so once, nothing is asked in a loop, nothing is lost', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const { account, local } = await mounted(t);
  const { server } = account;
  await server.control('switches', { switches: { policyBlock: true } });
  expectDone(await account.shell(`rsync -a ${local}/ kept/`));
  await eventually(async () => (await account.status()).auth.state === 'blocked');
  const asked = async () => {
    const { total } = await server.control<{ total: number }>('counts');
    return `${total} requests, ${await renewals(account)} renewals`;
  };
  // What was on its way when the first was refused is answered as well; then all is quiet.
  await eventually(async () => {
    const before = await asked();
    await pause(3_000);
    return (await asked()) === before;
  });
  const { auth } = await account.status();
  assert.match(auth.message ?? '', /917656.*administrator/);
  assert.equal((await account.home.run(['status'])).code, 3);
  assert.equal((await account.shell('cat kept/f3')).out, '3 '.repeat(120));

  await server.control('switches', { switches: { policyBlock: false } });
  await account.login();
  const flushed = await account.home.run(['flush', '--timeout', '60']);
  assert.equal(flushed.code, 0, flushed.err);
  assert.equal((await server.paths()).filter((path) => path.includes('kept/f')).length, FILES);
});

/** A session ends when it has served for a moment: not while it is being made. */
async function endAgainAndAgain(account: CliAccount, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const before = await renewals(account);
    await account.server.control('expire', { what: 'cookies' });
    while (!isOver() && (await renewals(account)) === before) await pause(50);
    await pause(400);
  }
}

async function renewals({ server }: CliAccount): Promise<number> {
  const { counts } = await server.control<{ counts: Record<string, number> }>('sign-ins');
  return (counts['password-accepted'] ?? 0) + (counts['silent-renewal'] ?? 0);
}
