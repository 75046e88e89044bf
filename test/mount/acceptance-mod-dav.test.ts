/** A generic WebDAV server, Apache's mod_dav with basic authentication, signed in to, mounted and used for real. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectDone, runShell } from '../support/cli-account.js';
import { CliHome } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';
import { MOD_DAV_PASSWORD, MOD_DAV_USER, ModDav, modDavMissing } from '../support/mod-dav.js';

test('files live on mod_dav, over remounts, with their times', {
  skip: modDavMissing(),
  timeout: 90_000,
}, async (t) => {
  const home = new CliHome(t);
  const server = await ModDav.start(t);
  const mountpoint = join(home.folder, 'drive');
  const local = join(home.folder, 'local');
  mkdirSync(local);
  lastFirst(t, () => home.run(['unmount', '--now', mountpoint]));
  const odbfs = async (words: string[], input = '') => expectDone(await home.run(words, input));
  const shell = async (script: string) =>
    expectDone(
      await runShell(`set -e; M='${mountpoint}'; L='${local}'; F='${server.files}'; ${script}`, local),
    );

  const words = ['login', server.url, '--account', 'files', '--server', 'webdav'];
  const wrong = await home.run([...words, '--username', MOD_DAV_USER, '--password-stdin'], 'wrong\n');
  assert.notEqual(wrong.code, 0);
  await odbfs([...words, '--username', MOD_DAV_USER, '--password-stdin'], `${MOD_DAV_PASSWORD}\n`);
  await odbfs(['mount', 'files', mountpoint]);
  await shell(`mkdir s; for n in $(seq 30); do head -c $((n * 100)) /dev/urandom > "s/ä #$n%"; done; touch -d '2001-02-03 04:05:06' 's/ä #1%'
    mkdir "$M/d"; echo hi > "$M/d/f"; : > "$M/empty"; cp -a s "$M/s"; mv "$M/d" "$M/e"; rm "$M/s/ä #30%"; rm 's/ä #30%'`);
  await odbfs(['flush', mountpoint, '--timeout', '30']);
  await shell('diff -r s "$F/s"; test "$(cat "$F/e/f")" = hi; test -f "$F/empty"; test ! -s "$F/empty"');
  for (const [from, to] of [
    ['f', 'g'],
    ['g', 'f'],
  ]) {
    await shell(`mv "$M/e/${from}" "$M/e/${to}"`);
    await odbfs(['flush', mountpoint, '--timeout', '30']);
    await shell(`test "$(ls "$M/e")" = ${to}; test "$(cat "$M/e/${to}")" = hi`);
  }
  await shell('mkdir -p "$M/old/in"; echo 1 > "$M/old/f"; echo 2 > "$M/old/in/f"');
  await odbfs(['flush', mountpoint, '--timeout', '30']);
  await shell(`cd "$M"; mv old new; echo 3 > new/in/f; mv new/in top; rm new/f; mkdir old; echo 4 > old/f`);
  await odbfs(['flush', mountpoint, '--timeout', '30']);
  for (const place of ['$M', '$F'])
    await shell(
      `cd "${place}"; test "$(find new old top | sort | tr '\\n' ' ')" = 'new old old/f top top/f '; test "$(cat top/f old/f)" = "$(printf '3\\n4')"`,
    );
  await odbfs(['unmount', mountpoint]);
  await odbfs(['mount', 'files', mountpoint]);
  await shell('cd "$M"; mv old new/; mv new newer; test "$(cat top/f newer/old/f)" = "$(printf \'3\\n4\')"');
  await shell(`diff -r s "$M/s"; test "$(stat -c %y "$M/s/ä #1%")" = "$(stat -c %y 's/ä #1%')"
    rm -rf "$M/s"; test ! -e "$M/s"`);
  await odbfs(['unmount', mountpoint]);
  await shell('test ! -e "$F/s"; test -e "$F/e/f"');
});
