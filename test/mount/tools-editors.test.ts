/** How editors save: the document keeps its identity and history on the server, and no litter stays. */
import assert from 'node:assert/strict';
import { type MountedDrive, sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();
const LIMIT = { timeout: 90_000 };
const DOCUMENT = 'plan.txt';

async function withDocument(drive: MountedDrive) {
  await drive.shell(`echo first > ${DOCUMENT}`);
  await drive.flush();
  return drive.remote(DOCUMENT);
}

async function text(drive: MountedDrive): Promise<string> {
  return drive.server.read(DOCUMENT);
}

async function names(drive: MountedDrive): Promise<string[]> {
  return (await drive.tree()).map((entry) => entry.path);
}

onDrive('written beside and renamed over: the next version of the same item', LIMIT, async (drive) => {
  const before = await withDocument(drive);
  await drive.shell(`echo second > .${DOCUMENT}.tmp; sync .${DOCUMENT}.tmp; mv .${DOCUMENT}.tmp ${DOCUMENT}`);
  await drive.flush();
  const after = await drive.remote(DOCUMENT);
  assert.equal(after.id, before.id);
  assert.ok(after.version > before.version);
  assert.equal(await text(drive), 'second\n');
  assert.deepEqual(await names(drive), [DOCUMENT]);
});

onDrive('the old one set aside as a backup, written anew', LIMIT, async (drive) => {
  await withDocument(drive);
  await drive.shell(`mv ${DOCUMENT} ${DOCUMENT}~; echo second > ${DOCUMENT}; rm ${DOCUMENT}~`);
  await drive.flush();
  assert.equal(await text(drive), 'second\n');
  assert.deepEqual(await names(drive), [DOCUMENT]);
});

onDrive('vim saves, with swap file and backup', { ...LIMIT, skip: missingPrograms('vim') }, async (drive) => {
  await withDocument(drive);
  await drive.shell(
    `vim -u NONE -N -n -es -c 'set backup writebackup swapfile backupskip= directory=. backupdir=.' -c 'normal oadded' -c 'wq' ${DOCUMENT} </dev/null; cat ${DOCUMENT}`,
  );
  await drive.flush();
  assert.equal(await text(drive), 'first\nadded\n');
  assert.deepEqual(await names(drive), [DOCUMENT, `${DOCUMENT}~`]);
});

onDrive(
  'an office program: lock file beside it, written to a temporary name, exchanged, lock removed',
  LIMIT,
  async (drive) => {
    const before = await withDocument(drive);
    await drive.shell(`
    echo me > '.~lock.${DOCUMENT}#'; head -c 20000 /dev/urandom > lu123.tmp; cp ${DOCUMENT} "$L/backup"
    cat lu123.tmp > ${DOCUMENT}; rm lu123.tmp; rm '.~lock.${DOCUMENT}#'; test "$(stat -c %s ${DOCUMENT})" = 20000`);
    await drive.flush();
    const after = await drive.remote(DOCUMENT);
    assert.equal(after.id, before.id);
    assert.equal(after.size, 20_000);
    assert.deepEqual(await names(drive), [DOCUMENT]);
  },
);

onDrive('ten saves while the line is slow are few uploads, the last one wins', LIMIT, async (drive) => {
  await withDocument(drive);
  await drive.turn({ latencyMs: 1000 });
  await drive.forgetRequests();
  await drive.shell(`for n in $(seq 10); do echo "save $n" > ${DOCUMENT}; done`);
  await drive.flush();
  assert.equal(await text(drive), 'save 10\n');
  const log = await drive.server.control<{ method: string }[]>('log');
  assert.ok(log.filter(({ method }) => method === 'PUT').length <= 3);
});
