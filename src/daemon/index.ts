export { chooseAccount, mountpointOf } from './account.js';
export { accountFolders } from './account-folders.js';
export { accountStatus } from './account-status.js';
export { startInBackground } from './background.js';
export { formatByteSize, parseByteSize } from './byte-size.js';
export {
  type AccountConfig,
  DEFAULT_DRAIN_SECONDS,
  defaultOptions,
  type MountOptions,
  type SignInMethod,
} from './config.js';
export { type AccountSettings, ConfigFile, checkAccountName, expandHome } from './config-file.js';
export { askDaemon, NoDaemon } from './control-client.js';
export { detachMount } from './detach-mount.js';
export { namingDisk } from './disk-failure.js';
export { examine } from './doctor/examine.js';
export type { Finding } from './doctor/finding.js';
export { probeAccount } from './doctor/probe-account.js';
export { Failure, type FailureKind } from './failure.js';
export { lastMountpoint } from './last-mountpoint.js';
export { daemonStatus, isDead, isOurs } from './live-mount.js';
export { type MountEntry, mountAt, mountHolding, odbfsMounts } from './mount-table.js';
export { parseMountOptions } from './option-schema.js';
export { makePrivateFolder, type Paths, pathsFrom } from './paths.js';
export { isStartAwaited, reportStart } from './ready-pipe.js';
export { logFileOf, runDaemon } from './run-daemon.js';
export { openAccountSession, signInFolder, signInPlace } from './sign-in-place.js';
export type { AccountStatus, AuthStatus, StatusReport, UploadStatus } from './status.js';
export { statusLine } from './status-line.js';
export { stopDaemon } from './stop-daemon.js';
