import { modDavDrive } from '../support/drive-fixture.js';
import { modDavMissing } from '../support/mod-dav.js';
import { driveContract } from './drive-suite.js';

driveContract('mod_dav', async (context) => (await modDavDrive(context)).drive, { skip: modDavMissing() });
