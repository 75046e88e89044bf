/** "Names are exact bytes as the application gave them" (SEMANTICS: Names). */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();
const LIMIT = { timeout: 60_000, skip: missingPrograms('python3') };

const NAMES = `
names = ['a"b', 'a*b', 'a:b', 'a<b', 'a>b', 'a?b', 'a\\\\b', 'a|b', ' lead', 'trail ', 'dot.', 'dots...', '~$doc', 'CON', 'nul', 'COM1', 'LPT0',
  '.lock', 'desktop.ini', 'x_vti_y', 'hash#', 'per%cent', '100%25', "quote'", 'amp&', 'plus+', 'semi;', 'tab\\there', 'new\\nline',
  'caf\\u00e9', 'cafe\\u0301', '\\U0001f600 emoji', '\\u65e5\\u672c\\u8a9e', '\\uff1a fullwidth', '\\uff02', '\\u2420', '...', '.hidden', '-dash', '{brace}', '\\x7f', '\\x01']
names.append('n' * 255); names.append('\\u00e9' * 127)
`;

onDrive('every name comes back as it was given, over a remount', LIMIT, async (drive) => {
  await drive.shell(`python3 - <<'PY'
import os
${NAMES}
for at, name in enumerate(names):
    try:
        open(name, 'w').write('file %d' % at); os.mkdir('d'); os.rename('d', 'in-' + name) if len(name.encode()) < 250 else os.rmdir('d')
    except OSError as e: raise SystemExit('%r: %s' % (name, e))
PY`);
  const check = `python3 - <<'PY'
import os
${NAMES}
wanted = set(names) | {'in-' + name for name in names if len(name.encode()) < 250}
there = set(os.listdir('.'))
assert there == wanted, (there - wanted, wanted - there)
for at, name in enumerate(names): assert open(name).read() == 'file %d' % at, name
PY`;
  await drive.shell(check);
  await drive.remount();
  await drive.shell(check);
  const stored = (await drive.tree()).map((entry) => entry.path);
  const forbidden = stored.filter((name) => /["*:<>?\\|]|^ | $|\.$|^~\$/.test(name));
  assert.deepEqual(forbidden, []);
});

onDrive('case, length and encoding are refused at once, each with its own errno', LIMIT, async (drive) => {
  await drive.shell(`python3 - <<'PY'
import errno, os
def fails(number, call, *args):
    try: call(*args)
    except OSError as e:
        assert e.errno == number, (call, args, errno.errorcode[e.errno]); return
    raise SystemExit('%r %r went well' % (call, args))
create = lambda name: os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
create('File'); os.mkdir('Dir')
fails(errno.EEXIST, create, 'file'); fails(errno.EEXIST, os.mkdir, 'DIR'); fails(errno.ENOENT, os.stat, 'file')
fails(errno.EEXIST, os.rename, 'Dir', 'FILE'); os.rename('File', 'fILE'); assert os.listdir('.').count('fILE') == 1
fails(errno.ENAMETOOLONG, create, 'n' * 256); fails(errno.EILSEQ, create, b'bad\\xff\\xfename'); fails(errno.EILSEQ, os.mkdir, b'\\xc3')
long = 'x' * 100
os.makedirs('/'.join([long] * 2)); deep = '/'.join([long] * 2)
fails(errno.ENAMETOOLONG, create, deep + '/' + 'y' * 200); create(deep + '/' + 'y' * 80)
fails(errno.ENAMETOOLONG, os.rename, 'Dir', deep + '/' + 'z' * 190)
PY`);

  await drive.flush();
  const { uploads } = await drive.account.status();
  assert.deepEqual({ owed: uploads.owed, refused: uploads.refused }, { owed: 0, refused: 0 });
});

onDrive(
  'names that others gave are shown decoded and reached, also those that differ only in case',
  LIMIT,
  async (drive) => {
    for (const path of ['Ünïcode/ä b.txt', 'hash#1/100%.txt', "it's.txt", 'a&b+c;d.txt', 'e\u0301.txt'])
      await drive.server.control('write', { path, text: path });
    await drive.remount();
    await drive.shell(`until test -e "it's.txt"; do sleep 0.2; done`, 20);
    for (const path of ['Ünïcode/ä b.txt', 'hash#1/100%.txt', 'a&b+c;d.txt', 'e\u0301.txt'])
      assert.equal(await drive.shell(`cat '${path}'`), path);
    assert.equal(await drive.shell(`cat "it's.txt"`), "it's.txt");
  },
);
