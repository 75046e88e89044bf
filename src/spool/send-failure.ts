/** What a step that could not be done means for its node, and for all others by the gate. */
import { DriveError } from '../drive/index.js';
import { AWAITED_RETRY_MS, backOffMs, SLOW_RETRY_MS } from './back-off.js';
import { codeOf } from './disk-error.js';
import { type Fate, fateOf } from './entry-state.js';
import type { Operation, SendContext } from './send-context.js';
import type { SendGate } from './send-gate.js';
import { owedAt, type SpoolEntry } from './spool-entry.js';

export function stepFailed(context: SendContext, gate: SendGate, operation: Operation, error: unknown): void {
  const { ledger, clock, log, settlement, lackingRoom } = context;
  const { attempts } = operation;
  const entry = ledger.overlay.get(operation.ino);
  if (operation.controller.signal.aborted) {
    if (entry?.state.kind === 'sending') ledger.changeInMemory({ ...entry, state: owedAt(clock.now()) });
    return;
  }
  const fate = judge(context, gate, error, attempts);
  const message = error instanceof Error ? error.message : String(error);
  log.debug({ error, fate, attempts }, 'a node could not be sent');
  if (entry === undefined) return;
  if (fate === 'refuse') {
    refuse(context, entry, message);
    return;
  }
  if (fate === 'signed-out') {
    ledger.changeInMemory({ ...entry, state: { kind: 'blocked', reason: message } });
    return;
  }
  const patientMs = fate === 'slow-retry' ? SLOW_RETRY_MS : backOffMs(attempts + 1);
  const delayMs = settlement.isWaiting ? Math.min(patientMs, AWAITED_RETRY_MS) : patientMs;
  const failure = error instanceof DriveError ? error.kind : null;
  const state = owedAt(clock.now() + delayMs, attempts + 1, message, failure);
  if (failure === 'full') lackingRoom.add(entry.ino);
  if (entry.state.kind !== 'staged') ledger.changeInMemory({ ...entry, state });
}

function judge({ log, metrics, emit }: SendContext, gate: SendGate, error: unknown, attempts: number): Fate {
  if (codeOf(error) === 'ENOSPC') {
    log.warn(
      { error },
      'the disk is full: what is owed stays owed until there is room to note that it was sent',
    );
    return 'slow-retry';
  }
  if (!(error instanceof DriveError)) {
    metrics.add('bugs');
    log.error({ error }, 'a node could not be sent for a reason nobody foresaw');
    return 'retry';
  }
  const fate = fateOf(error.kind, attempts);
  if (fate === 'pause') gate.failed(error.kind, error.kind === 'throttled' ? error.retryAfterMs : undefined);
  if (fate === 'signed-out' && gate.signedOut === null) {
    gate.signOut(error.message);
    emit({ kind: 'blocked', reason: error.message });
  }
  return fate;
}

function refuse({ ledger, metrics, log, emit }: SendContext, entry: SpoolEntry, reason: string): void {
  ledger.change({ put: [{ ...entry, state: { kind: 'refused', reason } }] });
  metrics.add('uploads.refused');
  log.warn({ ino: entry.ino, reason }, 'the server refuses this; it is kept here');
  emit({ kind: 'refused', ino: entry.ino, reason });
}
