/** A server in trouble: applications notice nothing but time; nothing is lost or doubled. */
import { test } from 'node:test';
import { MountedDrive, sharedDrive } from '../support/mounted-drive.js';
import { FAULTS_LIMIT, SOURCE, survives } from '../support/survives-faults.js';

const onDrive = sharedDrive({ warnings: /./ });

onDrive('spurious 401s', FAULTS_LIMIT, (drive) => survives(drive, { spuriousUnauthorizedEvery: 23 }));
onDrive('internal errors', FAULTS_LIMIT, (drive) => survives(drive, { failNext: 5, failStatus: 500 }));
test('the hostile profile: every quirk at once', FAULTS_LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { warnings: /./ });
  await drive.server.control('switches', { profile: 'hostile', switches: { legacyAuth: true } });
  await drive.shell(`${SOURCE}; cp -r "$L/s" t; diff -r "$L/s" t`);
  await drive.remount();
  await drive.shell('diff -r "$L/s" t; mv t u; rm u/f1; diff -r -x f1 "$L/s" u');
});
