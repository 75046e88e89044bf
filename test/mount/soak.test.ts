/** A short soak; `npm run soak` is the long one. */
import { test } from 'node:test';
import { soak } from '../soak/soak.js';

const minutes = Number(process.env.ODBFS_SOAK_MINUTES ?? 1);
// The same in every run of the suite; `npm run soak` takes another one each time.
const seed = Number(process.env.ODBFS_SOAK_SEED ?? 11);
const PATIENCE_MINUTES = 3;

test(`${minutes} minutes of random use over faults, other clients, remounts and kill -9 (seed ${seed})`, {
  timeout: (minutes + PATIENCE_MINUTES) * 60_000,
}, async (t) => {
  await soak({ minutes, seed, say: (line) => t.diagnostic(line) });
});
