/**
 * The numbered steps of docs/SPOOL.md, as the places where a test may end the process. In production nobody listens.
 */
export const SPOOL_STEPS = [
  'S1 payload made',
  'S2 node recorded',
  'S3 base content copied',
  'S4 update recorded',
  'S5 seed renamed',
  'S6 content committed',
  'S7 attempt recorded',
  'S8 server has it',
  'S9 success recorded',
  'S10 caches told',
  'S11 node settled',
  'S12 rename recorded',
  'S13 replaced payload discarded',
  'S14 removal recorded',
  'S15 server removed it',
  'S16 removal settled',
  'S17 conflict recorded',
  'S18 payload set aside',
  'S19 recovery recorded',
] as const;

export type SpoolStep = (typeof SPOOL_STEPS)[number];
export type StepHook = (step: SpoolStep) => void;
