/** Every operation of the bridge through the kernel, compared with the same calls in a local folder. */
import { test } from 'node:test';
import { CALLS_BEYOND_FUSE_NATIVE } from '../support/beyond-fuse-native.js';
import { BridgeMount, type BridgeOptions } from '../support/bridge-mount.js';
import { assertQuiet, compareCalls } from '../support/bridge-scenarios.js';

function compare(name: string, options: BridgeOptions): void {
  test(`${name}: as in a local folder`, async (context) => {
    const mount = await BridgeMount.start(context, options);
    await compareCalls(context, mount, options.bridge === 'fuse-native' ? CALLS_BEYOND_FUSE_NATIVE : []);
    await assertQuiet(mount);
  });
}

compare('data served natively', {});
compare('data served by the file system', { memory: { data: 'served' } });
compare('nothing believed', { memory: { entryValidMs: 0, attributesValidMs: 0 } });
compare('the kernel asks for access', { session: { defaultPermissions: false } });
compare('the bridge fuse-native', { bridge: 'fuse-native', memory: { data: 'served' } });
compare('the bridge fuse-native with descriptors', { bridge: 'fuse-native' });
