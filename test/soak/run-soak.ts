/** `npm run soak`: a soak for as long as asked for. A failing one says its seed. */
import { optionsOrExit } from '../../bench/support/options.js';
import { soak } from './soak.js';

const { minutes, seed } = optionsOrExit('soak --', { minutes: 120, seed: Date.now() % 1_000_000 });
console.log(`soaking for ${minutes} minutes, seed ${seed}`);
try {
  await soak({ minutes, seed, say: (line) => console.log(line) });
  console.log('soaked: nothing was lost');
} catch (error) {
  console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
}
