/**
 * What it costs to hand a request from a thread that blocks on the device to the loop that the network lives on, and to
 * hand the answer back: the loop is woken by a message, the thread by `Atomics.notify`.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const THREAD = `const { parentPort, workerData } = require('node:worker_threads');
const [request, answer] = [0, 1];
const words = new Int32Array(workerData.memory);
parentPort.once('message', () => {
  const started = process.hrtime.bigint();
  for (let number = 1; number <= workerData.count; number++) {
    Atomics.store(words, request, number);
    parentPort.postMessage(0);
    while (Atomics.load(words, answer) !== number) Atomics.wait(words, answer, number - 1);
  }
  parentPort.postMessage(Number(process.hrtime.bigint() - started) / 1000);
});`;

const REQUEST = 0;
const ANSWER = 1;

export interface HandOver {
  readonly clockMicroseconds: number;
  readonly cpuMicroseconds: number;
}

/** Of one there and back. */
export async function measureHandOver(count: number): Promise<HandOver> {
  const memory = new SharedArrayBuffer(8);
  const words = new Int32Array(memory);
  const worker = new Worker(THREAD, { eval: true, workerData: { memory, count } });
  await once(worker, 'online');
  const before = process.cpuUsage();
  const took = new Promise<number>((resolve) => {
    worker.on('message', (message: number) => {
      if (message !== 0) return resolve(message);
      Atomics.store(words, ANSWER, Atomics.load(words, REQUEST));
      Atomics.notify(words, ANSWER);
    });
  });
  worker.postMessage('go');
  const microseconds = await took;
  const { user, system } = process.cpuUsage(before);
  await worker.terminate();
  return { clockMicroseconds: microseconds / count, cpuMicroseconds: (user + system) / count };
}
