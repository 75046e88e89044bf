import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DEFAULT_DRAIN_SECONDS } from '../../../src/daemon/config.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

const UNIT = join(import.meta.dirname, '../../../../systemd/odbfs@.service');

test('systemd understands the unit, as a template and as an instance', async (context) => {
  const folder = temporaryFolder(context);
  const instance = join(folder, 'odbfs@contoso.service');
  copyFileSync(UNIT, instance);
  for (const unit of [UNIT, instance]) {
    const { stderr } = await promisify(execFile)(
      'systemd-analyze',
      ['--user', '--recursive-errors=yes', 'verify', unit],
      { env: { ...process.env, XDG_RUNTIME_DIR: folder } },
    );
    assert.equal(stderr, '');
  }
});

test('the service manager waits longer than the daemon waits for uploads', () => {
  const timeout = /^TimeoutStopSec=(\d+)$/m.exec(readFileSync(UNIT, 'utf8'))?.[1];
  assert.ok(Number(timeout) > DEFAULT_DRAIN_SECONDS);
});

test('nothing that implies NoNewPrivileges is switched on: fusermount3 is set-uid', () => {
  const text = readFileSync(UNIT, 'utf8');
  assert.match(text, /^NoNewPrivileges=no$/m);
  for (const directive of [
    'SystemCallFilter',
    'RestrictNamespaces',
    'PrivateDevices',
    'ProtectSystem',
    'PrivateTmp',
  ]) {
    assert.doesNotMatch(text, new RegExp(`^${directive}=`, 'm'));
  }
});
