/** Who moved folders are, over restarts. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../../src/base/index.js';
import { MovedFile } from '../../../src/daemon/moved-file.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

test('moved folders are found again after a restart, and a file that says something else counts as none', (t) => {
  const folder = temporaryFolder(t);
  const ids = [['/to', 'path:/from']] as const;
  new MovedFile(folder, silentLog).save(ids);
  assert.deepEqual(new MovedFile(folder, silentLog).load(), ids);
  for (const text of ['', '{"format":1,"ids":[["/to"]]}', '{"format":2,"ids":[]}']) {
    writeFileSync(join(folder, 'moved-folders.json'), text);
    assert.deepEqual(new MovedFile(folder, silentLog).load(), []);
  }
  new MovedFile(join(folder, 'gone'), silentLog).save(ids);
});
