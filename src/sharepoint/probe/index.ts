export { foundWays } from './found-ways.js';
export { type ProbeOptions, probe } from './probe.js';
export type { ProbeAnswer, ProbeReport, Verdict } from './probe-report.js';
