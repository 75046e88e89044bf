export { FIRST_OWN_INO } from './identities.js';
export { type Conflict, JournalledSpool } from './journalled-spool.js';
export { openSpool, type SpoolOptions } from './open-spool.js';
export { owedAtRest } from './owed-at-rest.js';
export type { RemotePlaces, RemoteView } from './remote-view.js';
export * from './spool.js';
export { DEFAULT_SPOOL_LIMITS, type SpoolLimits } from './spool-limits.js';
export { SPOOL_STEPS, type SpoolStep } from './spool-step.js';
export { StateInUse } from './state-lock.js';
