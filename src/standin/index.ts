/** A small SharePoint of our own on loopback: enter here. */
export { StandinClock } from './clock.js';
export type { StandinControl } from './control/control.js';
export type { Bytes, ForeignClient, ManyItems } from './control/foreign-client.js';
export type { SnapshotEntry } from './control/snapshot.js';
export { type NewUser, personalSegment, type SignInFate, STANDIN_PASSWORD } from './directory.js';
export { type HostRole, Hosts } from './hosts.js';
export type { LogCounts, LogEntry } from './request-log.js';
export { fillSampleDrive } from './sample-drive.js';
export { type Standin, type StandinOptions, startStandin } from './server.js';
export { SWITCHES, type Switches, type SwitchName, type SwitchProfile } from './switches.js';
