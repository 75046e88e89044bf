import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktopKeyring } from '../../../../src/sharepoint/auth/store/keyring.js';

test('without a session bus there is no keyring, and nobody is asked', () => {
  const keyring = desktopKeyring({ XDG_RUNTIME_DIR: '/nowhere', DISPLAY: ':0' });
  assert.equal(keyring.mayExist, false);
  assert.equal(keyring.mayPrompt, false);
});

test('without a display a keyring is asked, but never told to prompt', () => {
  const keyring = desktopKeyring({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' });
  assert.equal(keyring.mayExist, true);
  assert.equal(keyring.mayPrompt, false);
});

test('a bus that does not answer is no keyring, and hangs nobody', async () => {
  const keyring = desktopKeyring({
    PATH: process.env.PATH,
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus',
  });
  assert.equal(await keyring.read('odbfs-test'), 'unavailable');
  assert.equal(await keyring.write('odbfs-test', 'x'), false);
});
