/** Where the headers of the running Node are installed, so that nothing has to be downloaded to compile against them. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder for node-gyp's `--nodedir`, or null when no headers of this Node's ABI are installed. */
export function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  for (const folder of [prefix, '/usr/include/nodejs', '/usr', '/usr/local']) {
    if (abiOf(folder) === process.versions.modules) return folder;
  }
  return null;
}

function abiOf(folder) {
  for (const place of ['include/node', 'src']) {
    const header = join(folder, place, 'node_version.h');
    if (!existsSync(header)) continue;
    return /#define NODE_MODULE_VERSION (\d+)/.exec(readFileSync(header, 'utf8'))?.[1] ?? null;
  }
  return null;
}
