/** Programs that are hard on a file system: a database, mapped files, many appenders, locks. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();
const LIMIT = { timeout: 120_000 };
const PYTHON = { ...LIMIT, skip: missingPrograms('python3') };

onDrive(
  'an SQLite database in the mount, with rollback journal and with WAL',
  {
    ...LIMIT,
    skip: missingPrograms('sqlite3'),
  },
  async (drive) => {
    const fill = (
      mode: string,
    ) => `sqlite3 ${mode}.db "pragma journal_mode=${mode}" "create table t(n, text)" >/dev/null
    for n in $(seq 15); do sqlite3 ${mode}.db "insert into t values($n, hex(randomblob(500)))"; done
    sqlite3 ${mode}.db "begin; insert into t select n+15, text from t; rollback; update t set text='x' where n=3; vacuum"`;
    await drive.shell(`${fill('delete')}; ${fill('wal')}`);
    await drive.remount();
    for (const mode of ['delete', 'wal']) {
      const answer = await drive.shell(
        `sqlite3 ${mode}.db "pragma integrity_check" "select count(*), sum(n) from t"`,
      );
      assert.equal(answer, 'ok\n15|120\n');
    }
  },
);

onDrive(
  'what is written through a shared mapping is what is read, here and after a remount',
  PYTHON,
  async (drive) => {
    await drive.shell(`python3 - <<'PY'
import mmap, os
size = 3 * 1024 * 1024 + 77
with open('mapped', 'wb') as f: f.truncate(size)
fd = os.open('mapped', os.O_RDWR)
with mmap.mmap(fd, size) as m:
    for at in range(0, size, 5000): m[at:at+4] = at.to_bytes(4, 'big')
    m.flush()
    m[size-1:size] = b'!'
os.close(fd)
data = open('mapped', 'rb').read()
assert len(data) == size and data[-1:] == b'!'
assert all(data[at:at+4] == at.to_bytes(4, 'big') for at in range(0, size - 4, 5000))
private = mmap.mmap(os.open('mapped', os.O_RDONLY), size, prot=mmap.PROT_READ)
assert private[5000:5004] == (5000).to_bytes(4, 'big')
PY
    sha256sum mapped > "$L/sum"`);
    await drive.remount();
    await drive.shell('sha256sum -c --quiet "$L/sum"');
  },
);

onDrive('eight appenders lose no line', LIMIT, async (drive) => {
  await drive.shell(`for w in $(seq 8); do (for n in $(seq 100); do echo "writer $w line $n" >> log; done) & done; wait
    test "$(wc -l < log)" = 800; test "$(sort -u log | wc -l)" = 800; test -z "$(grep -v '^writer [0-9]* line [0-9]*$' log)"; sha256sum log > "$L/sum"`);
  await drive.remount();
  await drive.shell('sha256sum -c --quiet "$L/sum"');
});

onDrive('flock, POSIX locks and exclusive creation let one in at a time', PYTHON, async (drive) => {
  await drive.shell(`echo 0 > counter
    for w in $(seq 6); do (for n in $(seq 20); do flock lock sh -c 'n=$(cat counter); echo $((n + 1)) > counter'; done) & done; wait
    test "$(cat counter)" = 120
    for w in $(seq 20); do (set -C; mkdir claimed 2>/dev/null && echo won >> "$L/won"; true) & done; wait; test "$(wc -l < "$L/won")" = 1
    for w in $(seq 20); do (set -C; : > exclusive && echo won >> "$L/won2"; true) 2>/dev/null & done; wait; test "$(wc -l < "$L/won2")" = 1
    python3 - <<'PY'
import fcntl, os, sys
f = open('posix', 'w'); fcntl.lockf(f, fcntl.LOCK_EX)
if os.fork() == 0:
    g = open('posix', 'w')
    try: fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError: os._exit(0)
    os._exit(1)
assert os.wait()[1] == 0
PY`);
});

onDrive('an open file outlives its name, its replacement and its folder', PYTHON, async (drive) => {
  await drive.shell(`python3 - <<'PY'
import os
os.mkdir('d'); open('d/f', 'w').write('old')
r = open('d/f'); w = open('d/f', 'a'); os.unlink('d/f'); os.rmdir('d')
w.write(' and more'); w.flush(); assert r.read() == 'old and more'; assert os.fstat(r.fileno()).st_nlink == 0
open('a', 'w').write('first'); keep = open('a'); open('b', 'w').write('second'); os.rename('b', 'a')
assert keep.read() == 'first' and open('a').read() == 'second'
PY`);

  await drive.flush();
  assert.deepEqual(
    (await drive.tree()).map((entry) => entry.path),
    ['a'],
  );
});

onDrive('a sparse file is whole after a remount', LIMIT, async (drive) => {
  await drive.shell(`truncate -s 20M sparse; printf end | dd of=sparse bs=1 seek=20971520 conv=notrunc status=none
    test "$(stat -c %s sparse)" = 20971523; test "$(tail -c 3 sparse)" = end; sha256sum sparse > "$L/sum"`);
  await drive.remount();
  await drive.shell('sha256sum -c --quiet "$L/sum"');
});

const EXTENTS = `import os, sys
for path in sys.argv[1:]:
    fd, at, found = os.open(path, os.O_RDONLY), 0, []
    while True:
        try: data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError: break
        at = os.lseek(fd, data, os.SEEK_HOLE); found.append((data, at))
    print(os.path.basename(path), os.fstat(fd).st_size, found)`;

onDrive(
  'holes: made by truncate, dd and cp, where they are on a local disk, and read as zeros',
  { ...LIMIT, skip: missingPrograms('python3', 'tar', 'cp') },
  async (drive) => {
    const make = `truncate -s 1G nothing; truncate -s 24M islands
      for at in 3 17; do head -c 65536 /dev/zero | tr '\\0' x | dd of=islands bs=1M seek=$at conv=notrunc status=none; done
      cp --sparse=always islands copied`;
    await drive.shell(`mkdir holes "$L/holes"; for in in . "$L"; do (cd "$in/holes"; ${make}); done`);
    const extents = (files: string) => drive.shell(`python3 -c '${EXTENTS}' ${files}`);
    const local = await extents('"$L/holes/nothing" "$L/holes/islands"');
    assert.equal(await extents('holes/nothing holes/islands'), local);
    // cp looks for zeros in pieces whose size it takes from the file system
    const copied = [...(await extents('holes/copied')).matchAll(/\((\d+), (\d+)\)/g)];
    assert.ok(
      copied.length === 2 && copied.every(([, from, to]) => Number(to) - Number(from) <= 1024 * 1024),
    );
    await drive.shell(`rm holes/nothing; tar -C holes -S -cf "$L/t.tar" . && mkdir "$L/out" && tar -C "$L/out" -xf "$L/t.tar"
      for name in islands copied; do cmp "$L/out/$name" "$L/holes/islands"; cmp "holes/$name" "$L/holes/islands"; done`);
  },
);
