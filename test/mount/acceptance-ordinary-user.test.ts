/** Without root: fusermount3 makes the mount, for a user who has nothing but a home and /dev/fuse. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { WITHOUT_FUSE } from '../support/beside-no-mount.js';
import { CliHome, MAIN, type Outcome } from '../support/cli-run.js';
import { missingPrograms } from '../support/programs.js';
import { StandinChild } from '../support/standin-child.js';

const NOBODY = 65_534;
const skip =
  process.getuid?.() === 0
    ? missingPrograms('fusermount3', 'setpriv', 'unshare')
    : 'needs root to become somebody else';

/** Runs a script as nobody, with a /dev/fuse that everybody may open, which only the script sees. */
function asNobody(home: CliHome, script: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const device = `mknod "$HOME/../fuse" c 10 229; chmod 666 "$HOME/../fuse"; mount --bind "$HOME/../fuse" /dev/fuse`;
  const become = `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups timeout -k 5 60 bash -euo pipefail -c "$0"`;
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-ec', `kept=; ${WITHOUT_FUSE}; ${device}; ${become}`, script],
    {
      cwd: '/',
      env: { ...home.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

test('an ordinary user signs in, mounts, works and unmounts', { skip, timeout: 90_000 }, async (t) => {
  const home = new CliHome(t);
  const server = await StandinChild.start(t);
  await server.control('switches', { switches: { legacyAuth: true } });
  for (const name of ['', 'home', 'config', 'state', 'cache', 'run'])
    chownSync(join(home.folder, name), NOBODY, NOBODY);
  const script = `
    printf '%s\\n' "$PASSWORD" | $ODBFS login "$SITE" --account contoso --username user@contoso.com --password-stdin
    $ODBFS mount contoso "$M"; trap '$ODBFS unmount --now "$M" || fusermount3 -uz "$M"' EXIT
    cd "$M"; mkdir d; echo hello > d/f; mv d/f d/g; cat d/g; test "$(stat -c %u d/g)" = ${NOBODY}; cp /etc/services .; cmp /etc/services services
    cd /; $ODBFS flush "$M" --timeout 20; $ODBFS unmount "$M"; trap - EXIT; ! grep -q " $M " /proc/self/mounts
    $ODBFS mount contoso "$M"; trap '$ODBFS unmount --now "$M" || fusermount3 -uz "$M"' EXIT; cmp /etc/services "$M/services"`;
  const { code, out, err } = await asNobody(home, script, {
    M: join(home.folder, 'home', 'drive'),
    ODBFS: `${process.execPath} ${MAIN}`,
    SITE: server.url,
    PASSWORD: STANDIN_PASSWORD,
  });
  assert.equal(code, 0, `${out}\n${err}`);
  assert.match(out, /hello/);
  assert.deepEqual((await server.paths()).sort(), ['d', 'd/g', 'services']);
});

test('what lies in a folder that is closed is not known, and not told as nothing', {
  skip,
  timeout: 90_000,
}, async (t) => {
  const home = new CliHome(t);
  for (const name of ['', 'home', 'config', 'state', 'cache', 'run'])
    chownSync(join(home.folder, name), NOBODY, NOBODY);
  const site = 'https://contoso-my.sharepoint.com/personal/user';
  const script = `
    umask 077; mkdir -p "$XDG_CONFIG_HOME/odbfs" "$XDG_STATE_HOME/odbfs/contoso"
    printf '[accounts.contoso]\nsite = "${site}"\n' > "$XDG_CONFIG_HOME/odbfs/config.toml"
    chmod 0 "$XDG_STATE_HOME/odbfs/contoso"; exec $ODBFS status`;
  const { code, out, err } = await asNobody(home, script, { ODBFS: `${process.execPath} ${MAIN}` });
  assert.equal(code, 1, err);
  assert.equal(out, '');
  assert.match(err, /^odbfs: contoso: .*contoso is closed to you: make it writable/);
});
