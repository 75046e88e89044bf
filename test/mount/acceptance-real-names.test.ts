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
