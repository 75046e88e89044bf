/** `npm run prebuild`: the bridge addon as a prebuilt binary for this platform, architecture and libc. */
import { join } from 'node:path';
import { mustRun, ROOT } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

await orExit(async () => {
  await setUp({ tests: false });
  await mustRun('prebuild', process.execPath, [join(ROOT, 'native-build', 'build.mjs'), '--prebuild']);
});
