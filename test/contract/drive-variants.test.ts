/** The same promises where the server behaves in the other ways that the protocol notes list. */
import { setTimeout } from 'node:timers/promises';
import { standinDrive } from '../support/drive-fixture.js';
import { driveContract } from './drive-suite.js';

const VARIANTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'relative hrefs, slashes, loose dates': {
    hrefs: 'relative',
    folderSlash: 'always',
    looseDates: true,
    trueFalseCollections: true,
    resourceTypeOnFiles: true,
    hrefAmpersand: 'encoded',
    upperCaseUniqueIds: true,
    caseRename: 'refuse',
    restExistsStatus: 409,
    folderExistsStatus: 423,
    numbersAsStrings: false,
  },
  'no ranges, no conditions, versions at every touch': {
    ranges: 'ignore',
    honourIfMatch: false,
    formUpdateMakesVersion: true,
    siteDateOrder: 'dmy',
    missingDeleteStatus: 204,
    folderExistsStatus: 406,
    moveChange: 'away-into',
    emptyPut: 'create',
  },
  'ETags in another spelling, compared to the letter': { lowerCaseEtags: true, honourIfMatch: true },
  'a server that lags behind itself': { visibilityLagMs: 40, staleVersionMs: 40 },
  'every folder is too big for WebDAV': { bigFolderThreshold: 2 },
  'a tenant that refuses some services': { refusedServices: 'GetListItemChangesSinceToken,$batch,usage' },
  'a batch whose parts need digests of their own': { batchDigest: 'each' },
  'a front end that says 100 Continue to everything': { continueUnasked: true, folderExistsStatus: 409 },
  'spurious refusals': { spuriousUnauthorizedEvery: 3 },
};

/** Longer than the lags above. */
const settle = () => setTimeout(80);

for (const [name, switches] of Object.entries(VARIANTS)) {
  driveContract(
    name,
    async (context) => {
      const { drive, standin } = await standinDrive(context);
      standin.control.set(switches);
      return drive;
    },
    { settle },
  );
}

driveContract(
  'hostile profile',
  async (context) => {
    const { drive, standin } = await standinDrive(context);
    standin.control.useProfile('hostile');
    return drive;
  },
  { settle },
);
