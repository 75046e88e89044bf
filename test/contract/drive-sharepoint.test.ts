import { standinDrive } from '../support/drive-fixture.js';
import { driveContract } from './drive-suite.js';

driveContract('sharepoint', async (context) => (await standinDrive(context)).drive);
