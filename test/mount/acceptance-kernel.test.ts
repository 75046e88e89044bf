/** What others change reaches whoever holds it open, walks it or was told that it is not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 150_000 };

test(
  'with attributes kept for minutes, each change is seen within the poll interval; what is open keeps its version',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { options: ['poll=1', 'actimeo=600'] });
    const control = (command: string, given: object) => drive.server.control(command, given);
    for (const p of ['open', 'map', 'd/one', 'd/two', 'gone'])
      await control('write', { path: p, text: `first ${p}\n` });
    await drive.shell(
      'for n in $(seq 100); do test -e gone && break; sleep 0.1; done; test -e gone; ls -lR >/dev/null; ln -s one link; cat */* * >/dev/null 2>&1 || true',
    );
    await drive.flush();
    await drive.shell('readlink link; test ! -e later; test ! -e d/later');
    const watcher = drive.attempt(
      `python3 - <<'PY'
import os, mmap, time
limit = time.monotonic() + 40
def soon(what, check):
    while True:
        try:
            if check(): print('ok', what, flush=True); return
        except OSError as e: last = e
        if time.monotonic() > limit: print('NOT', what, flush=True); return
        time.sleep(0.1)
fd = os.open('open', os.O_RDONLY); os.pread(fd, 100, 0)
m = open('map', 'rb'); mm = mmap.mmap(m.fileno(), 0, prot=mmap.PROT_READ); bytes(mm)
dirfd = os.open('d', os.O_RDONLY); os.listdir(dirfd)
for p in ('later', 'd/later', 'd/sub/x'):
    assert not os.path.exists(p)
open(os.environ['L'] + '/ready', 'w').close()
soon('negative entry', lambda: os.path.exists('later'))
soon('negative in folder', lambda: open('d/later').read() == 'later')
soon('open dir', lambda: 'later' in os.listdir(dirfd) and 'one' not in os.listdir(dirfd))
soon('new open', lambda: open('open').read() == 'second open\\n')
soon('mapped anew', lambda: open('map').read() == 'other map\\n')
soon('gone', lambda: not os.path.exists('gone'))
soon('moved', lambda: open('d/sub/moved').read() == 'first d/two\\n' and not os.path.exists('d/two'))
soon('link', lambda: os.readlink('link') == 'one')
soon('open fd keeps its version', lambda: os.pread(fd, 100, 0) == b'first open\\n' and bytes(mm) == b'first map\\n')
PY`,
      60,
    );
    await drive.shell('for n in $(seq 100); do test -e "$L/ready" && break; sleep 0.1; done');
    await control('write', { path: 'later', text: 'later' });
    await control('write', { path: 'd/later', text: 'later' });
    await control('write', { path: 'open', text: 'second open\n' });
    await control('write', { path: 'map', text: 'other map\n' });
    await control('make-folder', { path: 'd/sub' });
    await control('move', { path: 'd/two', to: 'd/sub/moved' });
    await control('remove', { path: 'd/one' });
    await control('remove', { path: 'gone' });
    const { out, err } = await watcher;
    assert.equal(err, '');
    assert.doesNotMatch(out, /NOT/);
    assert.match(out, /ok open fd keeps its version/);
  },
);
