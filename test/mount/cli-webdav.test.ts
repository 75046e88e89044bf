/** Any WebDAV server by name and password: Apache's mod_dav, mounted by the program. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runShell } from '../support/cli-account.js';
import { CliHome } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';
import { MOD_DAV_PASSWORD, MOD_DAV_USER, ModDav } from '../support/mod-dav.js';

test('a mod_dav collection is a folder; a wrong password is refused at once', async (context) => {
  const home = new CliHome(context);
  const server = await ModDav.start(context);
  const mountpoint = join(home.folder, 'drive');
  lastFirst(context, async () => void (await home.run(['unmount', '--now', mountpoint])));
  const login = (password: string) =>
    home.run(
      [
        'login',
        server.url,
        '--server',
        'webdav',
        '--account',
        'dav',
        '--username',
        MOD_DAV_USER,
        '--password-stdin',
      ],
      password,
    );
  const unsaid = await home.run(
    ['login', server.url, '--username', MOD_DAV_USER, '--password-stdin'],
    MOD_DAV_PASSWORD,
  );
  assert.deepEqual([unsaid.code, /add "--server webdav"/.test(unsaid.err)], [2, true], unsaid.err);
  const wrong = await login('not this one');
  assert.deepEqual([wrong.code, /refuses this user name or password/.test(wrong.err)], [3, true], wrong.err);
  assert.equal((await login(MOD_DAV_PASSWORD)).code, 0);
  const mounted = await home.run(['mount', 'dav', mountpoint]);
  assert.equal(mounted.code, 0, mounted.err);
  const used = await runShell(
    'mkdir -p a/b && echo there > a/b/file && mv a/b/file a/other && cat a/other',
    mountpoint,
  );
  assert.deepEqual(used, { code: 0, out: 'there\n', err: '' });
  assert.equal((await home.run(['unmount', mountpoint])).code, 0);
  assert.equal((await home.run(['mount', 'dav', mountpoint])).code, 0);
  assert.equal((await runShell('cat a/other', mountpoint)).out, 'there\n');
  assert.equal((await home.run(['cookies', 'dav'])).code, 1);
});
