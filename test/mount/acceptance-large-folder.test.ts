/** A large folder on a mount: whole by whichever way the tenant leaves open, and an error where it leaves none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 120_000 };
const FILES = 5_100;
const NO_LIST = 'RenderListDataAsStream,GetChanges,GetListItemChangesSinceToken';

test(
  'a folder above the list view threshold: whole by any way that is left, else an error, never a part',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, {
      switches: { bigFolderThreshold: 5_000, bigFolderAnswer: '403', refusedServices: NO_LIST },
      warnings: /./,
    });
    await drive.server.control('seed', { fill: { folders: 1, filesPerFolder: FILES, size: 1 } });
    const count = 'ls -U folder-000000 | wc -l';
    await drive.turn({ refusedServices: `${NO_LIST},Files,Folders` });
    const refused = await drive.attempt(count);
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /Permission denied|Input\/output error/);
    assert.equal(refused.out.trim(), '0');
    await drive.turn({ refusedServices: NO_LIST });
    assert.equal(Number(await drive.shell(count)), FILES);
  },
);
