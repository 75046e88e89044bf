/**
 * The whole of it as a tenant would see it: the service's own host names, TLS by a private authority, 60 ms round trips,
 * a sign-in that lasts seconds, rsync of many files, a second one that transfers nothing.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { expectDone } from '../support/cli-account.js';
import { CliHome, MAIN, type Outcome } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';
import { REAL_SITE, RealNames, realNamesMissing } from '../support/real-names.js';

const skip = realNamesMissing('rsync');

/** The program in a mount namespace of its own, kept by a shell that waits; what is mounted there goes with it. */
async function tenantOf(t: TestContext, switches: Parameters<typeof RealNames.start>[1]) {
  const home = new CliHome(t);
  const names = await RealNames.start(t, switches);
  const room = await names.enter(t);
  const mountpoint = join(home.folder, 'drive');
  const local = join(home.folder, 'local');
  mkdirSync(local);
  const env = {
    ...home.env,
    M: mountpoint,
    L: local,
    ODBFS: `${process.execPath} ${MAIN}`,
    SITE: REAL_SITE,
    PASSWORD: STANDIN_PASSWORD,
  };
  const run = (script: string, limitSeconds = 60): Promise<Outcome> =>
    room(['bash', '-euo', 'pipefail', '-c', script], env, limitSeconds);
  lastFirst(t, () => run('$ODBFS unmount --now "$M" || true'));
  return {
    names,
    run: async (script: string, limitSeconds?: number) => expectDone(await run(script, limitSeconds)),
  };
}

test('rsync under the real names, over TLS, while the cookies expire again and again', {
  skip,
  timeout: 200_000,
}, async (t) => {
  const { names, run } = await tenantOf(t, { legacyAuth: true, fedAuthSeconds: 5, latencyMs: 60 });
  await run(
    'printf "%s\\n" "$PASSWORD" | $ODBFS login "$SITE" --account contoso --username user@contoso.com --password-stdin',
  );
  await run('$ODBFS mount contoso "$M"');
  await run(
    'mkdir "$L/s"; for n in $(seq 300); do mkdir -p "$L/s/d$((n % 9))"; head -c $((n * 31)) /dev/urandom > "$L/s/d$((n % 9))/f$n"; done',
  );
  await run('rsync -a "$L/s/" "$M/t/"; $ODBFS flush "$M" --timeout 100', 150);
  await run('test -z "$(rsync -ai "$L/s/" "$M/t/")"');
  await run(
    '$ODBFS unmount "$M"; $ODBFS mount contoso "$M"; diff -r "$L/s" "$M/t"; test -z "$(rsync -ai "$L/s/" "$M/t/")"',
    120,
  );
  await run('$ODBFS unmount "$M"');
  const files = (await names.standin.control.tree()).filter((entry) => entry.kind === 'file');
  assert.equal(files.length, 300);
  assert.deepEqual(names.standin.control.bugs, []);
});

test('a team site mounts by its address or by its library; shortcuts are what the server makes of them', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const { names, run } = await tenantOf(t, { legacyAuth: true });
  const { control } = names.standin;
  const team = control.drive('/sites/team');
  team.write('plans/budget.csv', Buffer.from('numbers'));
  control
    .drive()
    .shortcut('Team plans.url', 'https://contoso.sharepoint.com/sites/team/Shared Documents/plans');
  control.set({ shortcutForm: 'folder' });
  control.drive().shortcut('Resolved', 'https://contoso.sharepoint.com/sites/team/Shared Documents/plans');
  control.drive().write('Resolved/inside.txt', Buffer.from('resolved by the server'));
  const login = (site: string, account: string) =>
    run(
      `printf "%s\\n" "$PASSWORD" | $ODBFS login "${site}" --account ${account} --username user@contoso.com --password-stdin`,
    );
  await login('$SITE', 'mine');
  await login('https://contoso.sharepoint.com/sites/team', 'team');
  await login('https://contoso.sharepoint.com/sites/team/Shared%20Documents/Forms/AllItems.aspx', 'library');
  await run('$ODBFS mount mine "$M"');
  for (const account of ['team', 'library']) {
    await run(`mkdir -p "$L/${account}"; $ODBFS mount ${account} "$L/${account}"`);
    lastFirst(t, () => run(`$ODBFS unmount --now "$L/${account}" || true`));
    await run(`test "$(cat "$L/${account}/plans/budget.csv")" = numbers`);
  }
  await run('grep -q "URL=.*/sites/team" "$M/Team plans.url"');
  await run('test "$(cat "$M/Resolved/inside.txt")" = "resolved by the server"');
  await run(
    'cd "$M"; mv "Team plans.url" "Plans of the team.url"; rm "Plans of the team.url"; $ODBFS flush "$M"',
  );
  assert.equal((await control.tree({ site: '/sites/team' })).length, 2, 'what it leads to is still there');
  await run('echo ours > "$L/team/plans/notes.txt"; $ODBFS flush "$L/team"; $ODBFS unmount "$M"');
  assert.ok((await control.tree({ site: '/sites/team' })).some(({ path }) => path === 'plans/notes.txt'));
});
