/** System calls beyond Node's: flags of open, renameat2, fallocate, lseek; mmap, locks, extended attributes, appenders. */
import { test } from 'node:test';
import { SYSTEM_CALLS_BEYOND_FUSE_NATIVE } from '../support/beyond-fuse-native.js';
import { BridgeMount, type BridgeOptions, ORDINARY_USER } from '../support/bridge-mount.js';
import { assertQuiet } from '../support/bridge-scenarios.js';
import { compareScripts } from '../support/bridge-scripts.js';

function suite(name: string, options: BridgeOptions): void {
  test(name, async (context) => {
    const mount = await BridgeMount.start(context, options);
    const beyond = options.bridge === 'fuse-native' ? SYSTEM_CALLS_BEYOND_FUSE_NATIVE : [];
    const user = options.asOrdinaryUser === true ? { user: ORDINARY_USER } : {};
    await compareScripts(context, mount, { beyond, ...user });
    await assertQuiet(mount);
  });
}

const EVERYBODY = { allowOther: true };
suite('system calls, data served natively', { session: EVERYBODY });
suite('system calls, data served by the file system', { memory: { data: 'served' }, session: EVERYBODY });
suite('system calls of an ordinary user', { asOrdinaryUser: true });
suite('system calls on the bridge fuse-native', {
  bridge: 'fuse-native',
  memory: { data: 'served' },
  session: EVERYBODY,
  // What libfuse 2 says of an extended attribute that is longer than the room for it.
  complaints: /^(fuse: writing device: Invalid argument\n)?$/,
});
