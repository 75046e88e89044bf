/** `odbfs status` of several accounts: one that cannot tell keeps no other from telling. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CliHome } from '../support/cli-run.js';

/** Two accounts, never signed in; the state folder of the first is none. */
function homeOfTwo(context: { after(clean: () => void): void }): CliHome {
  const home = new CliHome(context);
  for (const [name, place] of ['config', 'state'].map(
    (name) => [name, join(home.folder, name, 'odbfs')] as const,
  )) {
    mkdirSync(place, { mode: 0o700 });
    if (name === 'state') writeFileSync(join(place, 'broken'), '');
    else writeFileSync(join(place, 'config.toml'), `${account('broken')}${account('well')}`);
  }
  return home;
}

const account = (name: string) =>
  `[accounts.${name}]\nsite = "https://contoso-my.sharepoint.com/personal/${name}"\n`;

test('status tells of the others, names the one whose folder is none, and is not 0', async (context) => {
  const { code, out, err } = await homeOfTwo(context).run(['status', '--json']);
  assert.deepEqual(
    JSON.parse(out).accounts.map(({ name }: { name: string }) => name),
    ['well'],
    err,
  );
  const [untold] = JSON.parse(out).untold;
  assert.deepEqual([untold.name, untold.site.endsWith('/broken')], ['broken', true]);
  assert.match(untold.message, /is not a folder of yours/);
  assert.match(err, /^odbfs: broken: .*is not a folder of yours: /);
  assert.equal(code, 3, 'the other needs a sign-in');
});

test('doctor tells of the folder that is none with what to do, after all that could be looked at', async (context) => {
  const { code, out, err } = await homeOfTwo(context).run(['doctor', 'broken']);
  assert.equal(code, 1);
  assert.match(
    out,
    /^BAD {2}disk for what is owed: .*broken is not a folder of yours\n {5}have it given back/m,
  );
  assert.match(out, /^ok {3}disk for the cache: /m);
  assert.match(err, /^odbfs: \d+ problems? found\n$/);
});

test('status of the one alone is its line and nothing else', async (context) => {
  const { code, out, err } = await homeOfTwo(context).run(['status', 'broken']);
  assert.deepEqual([code, out, err.trim().split('\n').length], [1, '', 1], err);
});
