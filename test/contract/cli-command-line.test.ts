/** What a person asks for or types wrong: the exit code and the one line that it ends with, of the program as a process. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CliHome, MAIN } from '../support/cli-run.js';

const COMMANDS = [
  'login',
  'logout',
  'accounts',
  'mount',
  'unmount',
  'status',
  'flush',
  'pin',
  'unpin',
  'evict',
  'cookies',
  'doctor',
  'demo',
  'standin',
];

test('help names every command, and every command helps', async (context) => {
  const home = new CliHome(context);
  const help = await home.run(['--help']);
  assert.equal(help.code, 0);
  for (const command of COMMANDS) assert.match(help.out, new RegExp(`^  ${command}\\b`, 'm'));
  const outcomes = await Promise.all(COMMANDS.slice(0, 4).map((command) => home.run([command, '--help'])));
  for (const { code, out } of outcomes) {
    assert.equal(code, 0);
    assert.match(out, /^Usage: odbfs /);
  }
});

/** Exit code, and what the one line on standard error says. */
const REFUSED: readonly (readonly [string, number, RegExp])[] = [
  ['explode', 2, /unknown command 'explode'/],
  ['mount --nonsense', 2, /unknown option '--nonsense'/],
  ['mount -o bogus', 2, /there is no option "bogus"/],
  ['mount nobody -o actimeo=soon', 2, /actimeo must be a whole number/],
  ['mount', 5, /there is no account yet: sign in with: odbfs login/],
  ['status nobody', 5, /no account is called "nobody"/],
  ['unmount /nowhere/at/all', 5, /nothing of odbfs is mounted at/],
  ['unmount nobody', 5, /no account is called "nobody"/],
  ['unmount x --timeout soon', 2, /must be seconds/],
  ['flush /', 5, /not in a mount of odbfs/],
  ['login', 2, /there is no account yet: odbfs login SITE-URL/],
  ['cookies', 5, /there is no account yet/],
  ['login --check', 5, /there is no account yet/],
  ['login http://plain.example/personal/x', 2, /not encrypted/],
  ['login notaurl', 2, /notaurl is not the address of a site/],
  ['login https://contoso-my.sharepoint.com/personal/u --cookies-from -', 2, /no cookies were given/],
  ['login https://a.example/ --method guess', 2, /Allowed choices are auto, browser/],
];

for (const [line, expected, message] of REFUSED) {
  test(`odbfs ${line}: exit ${expected}, one line`, async (context) => {
    const { code, out, err } = await new CliHome(context).run(line.split(' '));
    assert.equal(code, expected, err);
    assert.equal(out, '');
    assert.match(err, message);
    assert.match(err, /^odbfs: [^\n]+\n$/);
  });
}

test('without accounts the reports are empty, not errors', async (context) => {
  const home = new CliHome(context);
  const [status, accounts] = await Promise.all([
    home.run(['status', '--json']),
    home.run(['accounts', '--json']),
  ]);
  assert.deepEqual([status.code, JSON.parse(status.out)], [0, { accounts: [] }]);
  assert.deepEqual([accounts.code, JSON.parse(accounts.out)], [0, { accounts: [] }]);
});

/** What a shell says of a command line of ours whose output it has put somewhere. */
async function inShell(home: CliHome, script: string) {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, process.execPath, MAIN], {
    env: home.env,
  });
  return { out: stdout, err: stderr };
}

test('who has read enough ends what goes on, and nothing is said of it', async (context) => {
  const script = 'set -o pipefail; "$0" "$1" status --watch | head -n 1; echo $?';
  const { out, err } = await inShell(new CliHome(context), script);
  assert.equal(err, '');
  assert.equal(out, 'no accounts yet: odbfs login SITE-URL\n0\n');
});

test('a result that can not be written is a failure, told in one line', async (context) => {
  const { out, err } = await inShell(new CliHome(context), '"$0" "$1" accounts --json > /dev/full; echo $?');
  assert.equal(out, '1\n');
  assert.match(err, /^odbfs: the result can't be written to standard output: ENOSPC[^\n]*\n$/);
});

test('a mount point below what the kernel makes, and the one account that there is, are told in words', async (context) => {
  const home = new CliHome(context);
  mkdirSync(join(home.env.XDG_CONFIG_HOME!, 'odbfs'));
  const file = join(home.env.XDG_CONFIG_HOME!, 'odbfs', 'config.toml');
  writeFileSync(file, '[accounts.work]\nsite = "https://contoso-my.sharepoint.com/personal/u"\n');
  const { err } = await home.run(['mount', 'work', '/sys/x']);
  const reasons = 'no folder can be made there|you may make no folder there|the disk is read-only';
  assert.match(err, new RegExp(`can't use /sys/x as a mount point: (${reasons}); choose`));
  assert.match((await home.run(['mount', 'home'])).err, /"home": there is only work; sign in/);
});

test('a mistake in the configuration is bad usage, with its place', async (context) => {
  const home = new CliHome(context);
  mkdirSync(join(home.env.XDG_CONFIG_HOME!, 'odbfs'));
  const file = join(home.env.XDG_CONFIG_HOME!, 'odbfs', 'config.toml');
  writeFileSync(file, '[accounts.a]\nsite = "https://a.example/"\nuploads = "many"\n');
  const { code, err } = await home.run(['status']);
  assert.equal(code, 2);
  assert.match(err, /config\.toml, line 3: uploads must be a whole number from 1 to 64\n$/);
});

test('an account that is not mounted has a status too, in full', async (context) => {
  const home = new CliHome(context);
  mkdirSync(join(home.env.XDG_CONFIG_HOME!, 'odbfs'));
  const site = 'https://contoso-my.sharepoint.com/personal/u_contoso_com';
  writeFileSync(
    join(home.env.XDG_CONFIG_HOME!, 'odbfs', 'config.toml'),
    `[accounts.contoso]\nsite = "${site}"\n`,
  );
  const { code, out } = await home.run(['status', '--json']);
  assert.equal(code, 3);
  const [account] = JSON.parse(out).accounts;
  assert.deepEqual(
    { ...account, auth: { ...account.auth, message: null }, cache: { ...account.cache, limitBytes: 0 } },
    {
      name: 'contoso',
      site,
      mountpoint: null,
      pid: null,
      auth: { state: 'signed-out', method: 'none', expiresAt: null, renewedAt: null, message: null },
      network: { state: 'offline', until: null },
      uploads: { owed: 0, active: 0, bytesOwed: 0, refused: 0, conflicts: 0 },
      tree: { items: 0, complete: false, changedAt: null, hitRatio: 0 },
      cache: { bytes: 0, limitBytes: 0, hitRatio: 0 },
      requests: { total: 0, retried: 0, throttled: 0, failed: 0 },
      quota: null,
    },
  );
});
