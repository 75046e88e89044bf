import assert from 'node:assert/strict';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePrivateFolder, pathsFrom } from '../../../src/daemon/paths.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

const base = { home: '/home/u', uid: 1000, temporary: '/tmp' };

test('the XDG folders are obeyed when they are absolute', (context) => {
  const runtime = temporaryFolder(context);
  const env = {
    XDG_CONFIG_HOME: '/c',
    XDG_STATE_HOME: '/s',
    XDG_CACHE_HOME: 'relative',
    XDG_RUNTIME_DIR: runtime,
  };
  const paths = pathsFrom({ ...base, env });
  assert.equal(paths.configFile, '/c/odbfs/config.toml');
  assert.equal(paths.state('a'), '/s/odbfs/a');
  assert.equal(paths.cache('a'), '/home/u/.cache/odbfs/a');
  assert.equal(paths.socket('a'), join(runtime, 'odbfs', 'a.sock'));
});

test('without a runtime folder the socket is in one of our own', () => {
  assert.equal(pathsFrom({ ...base, env: {} }).socket('a'), '/tmp/odbfs-1000/a.sock');
  assert.equal(
    pathsFrom({ ...base, env: { XDG_RUNTIME_DIR: '/not/there' } }).socket('a'),
    '/tmp/odbfs-1000/a.sock',
  );
});

test('a socket path that is too long for the kernel is shortened, always the same way', (context) => {
  const runtime = temporaryFolder(context);
  const paths = pathsFrom({ ...base, env: { XDG_RUNTIME_DIR: runtime } });
  const long = 'x'.repeat(100);
  assert.ok(Buffer.byteLength(paths.socket(long)) <= 107);
  assert.equal(paths.socket(long), paths.socket(long));
  assert.notEqual(paths.socket(long), paths.socket(`${long}y`));
});

test('private folders are for nobody else, and not behind a link', (context) => {
  const folder = temporaryFolder(context);
  const own = makePrivateFolder(join(folder, 'a', 'b'));
  assert.equal(statSync(own).mode & 0o777, 0o700);
  symlinkSync(folder, join(folder, 'link'));
  assert.throws(() => makePrivateFolder(join(folder, 'link')), {
    name: 'Failure',
    message: /not a folder of yours/,
  });
});

test('a file where a folder should be is told, and nobody is asked to remove what may be precious', (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'state'), '');
  assert.throws(() => makePrivateFolder(join(folder, 'state'), 'look at it'), {
    name: 'Failure',
    message: `${join(folder, 'state')} is not a folder of yours: look at it`,
  });
});
