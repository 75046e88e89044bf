/** A server that asks for pauses: applications notice nothing but time; nothing is lost or doubled. */
import { test } from 'node:test';
import { FAULTS_LIMIT, survives } from '../support/survives-faults.js';

test('storms of 429 with Retry-After', FAULTS_LIMIT, (t) =>
  survives(t, { throttleNext: 8, throttleRetryAfterSeconds: 1 }),
);
test('503 now and then', FAULTS_LIMIT, (t) =>
  survives(t, { unavailableNext: 6, throttleRetryAfterSeconds: 1 }),
);
