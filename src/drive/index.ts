export { type Crowd, NO_CROWD } from './crowd.js';
export type * from './drive.js';
export { absentAsNull, DriveError, type DriveErrorDetails, type DriveErrorKind } from './drive-error.js';
export type * from './drive-item.js';
export { isPartialName, partialName } from './partial-name.js';
export { mayBeShownAs } from './shown-time.js';
export {
  type Change,
  type ChangePage,
  type ChangeToken,
  ChangeTokenLost,
  type SnapshotCursor,
  type SnapshotOptions,
  type SnapshotPage,
  type TreeSource,
  type UnversionedItem,
} from './tree-source.js';
