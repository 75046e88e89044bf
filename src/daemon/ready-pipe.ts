/**
 * How a daemon in the background tells the command that started it how the start went: one line of JSON on an
 * inherited pipe, whose number is in the environment.
 */
import { closeSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { FAILURE_KINDS, type FailureKind } from './failure.js';

const DESCRIPTOR_VARIABLE = 'ODBFS_READY_FD';

export type StartOutcome =
  | { readonly ready: true; readonly pid: number }
  | { readonly ready: false; readonly kind: FailureKind; readonly message: string };

export const START_OUTCOME_SCHEMA = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal(true), pid: z.number() }),
  z.object({ ready: z.literal(false), kind: z.enum(FAILURE_KINDS as [FailureKind]), message: z.string() }),
]);

/** The environment that makes a child report on `descriptor`. */
export function readyPipeEnvironment(descriptor: number): Record<string, string> {
  return { [DESCRIPTOR_VARIABLE]: String(descriptor) };
}

/** True when somebody waits for `reportStart`. Children of ours must not think that it is them. */
export function isStartAwaited(): boolean {
  return process.env[DESCRIPTOR_VARIABLE] !== undefined;
}

/** Tells the outcome, once; nothing happens when nobody waits (or not any more). */
export function reportStart(outcome: StartOutcome): void {
  const descriptor = Number(process.env[DESCRIPTOR_VARIABLE]);
  delete process.env[DESCRIPTOR_VARIABLE];
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  try {
    writeSync(descriptor, `${JSON.stringify(outcome)}\n`);
    closeSync(descriptor);
  } catch {
    // Whoever started us is gone.
  }
}
