/** `npm run soak`: a soak for as long as asked for. A failing one says its seed. */
import { parseArgs } from 'node:util';
import { soak } from './soak.js';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 120);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
console.log(`soaking for ${minutes} minutes, seed ${seed}`);
try {
  await soak({ minutes, seed, say: (line) => console.log(line) });
  console.log('soaked: nothing was lost');
} catch (error) {
  console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
}
