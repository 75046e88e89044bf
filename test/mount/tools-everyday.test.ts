/** cp, cat, ls, find, du, tar, sed, rm: what everybody types in a folder. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';

const onDrive = sharedDrive();

const LIMIT = { timeout: 90_000 };

onDrive(
  'what is copied in is there, here and on the server, byte for byte with its times',
  LIMIT,
  async (drive) => {
    await drive.shell(`
    mkdir -p "$L/a/b c"; head -c 300000 /dev/urandom > "$L/a/big"; : > "$L/a/empty"; echo text > "$L/a/b c/t"
    touch -d '2001-02-03 04:05:06.789012345' "$L/a/b c/t"; chmod 640 "$L/a/b c/t"
    cp -a "$L/a" . ; diff -r "$L/a" a; test "$(stat -c %y 'a/b c/t')" = "$(stat -c %y "$L/a/b c/t")"
    test "$(stat -c %a 'a/b c/t')" = 640; test "$(stat -c %s a/empty)" = 0
  `);
    await drive.remount();
    await drive.shell(`
    diff -r "$L/a" a; test "$(stat -c %y 'a/b c/t')" = "$(stat -c %y "$L/a/b c/t")"; test "$(stat -c %a 'a/b c/t')" = 640
  `);
    const text = await drive.remote('a/b c/t');
    assert.equal(text.modifiedMs, Date.parse('2001-02-03T04:05:06Z'));
    assert.equal((await drive.remote('a/empty')).size, 0);
  },
);

onDrive('what the server has is listed, found, counted and read', LIMIT, async (drive) => {
  await drive.server.control('seed', { fill: { folders: 5, filesPerFolder: 20, size: 1000 } });
  await drive.remount();
  // What changed meanwhile comes with the first poll.
  await drive.shell('until test "$(find . -type f | wc -l)" = 100; do sleep 0.2; done', 20);
  assert.equal((await drive.shell('find . -type f | wc -l')).trim(), '100');
  assert.equal((await drive.shell('find . -type f | sort | xargs cat | wc -c')).trim(), '100000');
  assert.equal((await drive.shell(`du -sb --apparent-size . | cut -f1`)).trim().length >= 6, true);
  const listed = await drive.shell('ls -lR | grep -c "^-"');
  assert.equal(listed.trim(), '100');
});

onDrive('tar x of 200 files, and rm -rf of them asks for little', LIMIT, async (drive) => {
  await drive.shell(`
    mkdir -p "$L/src"/{1,2,3,4}; for d in 1 2 3 4; do for n in $(seq 50); do echo "$d $n" > "$L/src/$d/file $n"; done; done
    tar -C "$L" -cf "$L/src.tar" src; tar -xf "$L/src.tar"; diff -r "$L/src" src
  `);
  await drive.flush();
  assert.equal((await drive.tree()).filter((entry) => entry.kind === 'file').length, 200);
  await drive.forgetRequests();
  await drive.shell('rm -rf src; test ! -e src; ls -A');
  await drive.flush();
  assert.deepEqual(await drive.tree(), []);
  assert.ok((await drive.requests()) <= 20, `${await drive.requests()} requests`);
});

onDrive('files that are gone before they are sent are never sent', LIMIT, async (drive) => {
  await drive.turn({ latencyMs: 200 });
  await drive.forgetRequests();
  // A few at a time: what a busy machine takes longer for than files rest is no business of this test.
  await drive.shell('for g in $(seq 10); do for n in $(seq 5); do echo $g > t$g-$n; done; rm t$g-*; done');
  await drive.flush();
  const puts = (await drive.server.control<{ method: string; path: string }[]>('log')).filter(
    ({ method, path }) => method === 'PUT' || path.includes('AddUsingPath'),
  );
  assert.ok(puts.length <= 16, `${puts.length} uploads of files that were gone at once`);
  assert.deepEqual(await drive.tree(), []);
});

onDrive('sed -i, mv between folders, ln -s, dd in place, truncate, cp --sparse', LIMIT, async (drive) => {
  await drive.shell(`
    mkdir d e; printf 'one\\ntwo\\n' > d/f; sed -i s/two/three/ d/f; mv d/f e/g; rmdir d; ln -s e/g link
    test "$(cat link)" = "$(printf 'one\\nthree')"
    printf XY | dd of=e/g bs=1 seek=1 conv=notrunc status=none; test "$(head -c 3 e/g)" = oXY
    truncate -s 3 e/g; truncate -s 10 e/g; test "$(stat -c %s e/g)" = 10; test "$(tail -c 7 e/g | tr -d '\\0' | wc -c)" = 0
    mv -n e/g e/h; test -e e/h; cp e/h e/h2; cmp e/h e/h2; ! ln e/h e/hard 2>/dev/null; ! mkfifo p 2>/dev/null
  `);
  await drive.remount();
  await drive.shell(`test "$(readlink link)" = e/g; test "$(head -c 3 e/h)" = oXY; test ! -e e/g`);
  assert.deepEqual(
    (await drive.tree()).map((entry) => entry.path),
    ['e', 'e/h', 'e/h2', 'link'],
  );
});
