/**
 * The parts of undici that carry requests. Its index loads all else as well, a `fetch`, caches and mocks, and, by looking at
 * the global `Headers`, Node's own `fetch`: two thirds of the processor time, and half of the memory, that loading it costs.
 * The paths are inside of undici, which promises nothing of them: the lock file holds its version, and no test of this room
 * passes without these parts.
 */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export const Agent = load('undici/lib/dispatcher/agent.js') as typeof import('undici').Agent;
export const buildConnector = load('undici/lib/core/connect.js') as typeof import('undici').buildConnector;
// `request` among them
Object.assign(load('undici/lib/dispatcher/dispatcher.js').prototype, load('undici/lib/api/index.js'));
