export { type ByteRange, RangeSet } from './byte-range.js';
export { type Clock, systemClock } from './clock.js';
export { type Database, DatabaseTooNew, openDatabase, type Statement } from './database.js';
export type { ErrnoName } from './errno.js';
export { KeyedLock } from './keyed-lock.js';
export { createLog, type Log, type LogLevel, silentLog } from './log.js';
export { METRIC_NAMES, type MetricName, Metrics } from './metrics.js';
export { takeProcessLock } from './process-lock.js';
export { TaskGroup } from './task-group.js';
