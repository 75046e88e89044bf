/**
 * What a crash left, made whole before anything is answered: every record has its payload, every payload its record,
 * and what contradicts itself is kept and shown instead of sent.
 */
import type { Log } from '../base/index.js';
import type { Identities } from './identities.js';
import type { Journal } from './journal.js';
import type { Ledger } from './ledger.js';
import type { PayloadStore } from './payload-store.js';
import { owedAt, type SpoolEntry } from './spool-entry.js';
import type { StepHook } from './spool-step.js';

export interface Recovering {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly identities: Identities;
  readonly payloads: PayloadStore;
  readonly log: Log;
  readonly reached: StepHook;
  readonly nowMs: number;
}

/** Fills the ledger. Resolves with the files that are in quarantine. */
export async function recover(recovering: Recovering): Promise<string[]> {
  const { journal, ledger, identities, log, payloads } = recovering;
  const { entries, unreadable } = journal.load();
  const changed: SpoolEntry[] = [];
  for (const entry of entries) {
    const whole = madeWhole(recovering, entry);
    if (whole !== entry) changed.push(whole);
    ledger.adopt(whole);
  }
  skipNumbersInUse(identities, entries);
  ledger.change({ put: changed, drop: unreadable });
  recovering.reached('S19 recovery recorded');
  await setAsideUnknown(recovering);
  if (entries.length > 0) log.info({ owed: entries.length }, 'what is owed was recovered');
  return payloads.quarantined();
}

/** The counters may have been in the part of a damaged journal that does not read. */
function skipNumbersInUse(identities: Identities, entries: readonly SpoolEntry[]): void {
  let ino = 0;
  let generation = 0;
  for (const entry of entries) {
    ino = Math.max(ino, entry.ino);
    generation = Math.max(generation, entry.content?.generation ?? 0);
  }
  identities.skipInosTo(ino);
  identities.skipGenerationsTo(generation);
}

/** What was being written when the process ended is owed as it is: that is what close(2) would have made of it. */
function madeWhole({ payloads, nowMs }: Recovering, entry: SpoolEntry): SpoolEntry {
  const { content, sent } = entry;
  const isStaged = entry.state.kind === 'staged';
  if (content === null) return isStaged ? { ...entry, state: owedAt(nowMs) } : entry;
  if (sent !== null) return entry;
  let size = payloads.sizeOf(content.file);
  if (size === null && payloads.finishSeed(content.file)) size = payloads.sizeOf(content.file);
  if (size === null) return refused(entry, 'the bytes that were written here are missing');
  if (isStaged) return { ...entry, content: { ...content, size }, state: owedAt(nowMs) };
  if (size === content.size) return entry;
  if (size > content.size) return { ...entry, content: { ...content, size }, session: null };
  return refused(entry, `only ${size} of the ${content.size} bytes that were written here are left`);
}

function refused(entry: SpoolEntry, reason: string): SpoolEntry {
  return { ...entry, state: { kind: 'refused', reason } };
}

async function setAsideUnknown({ payloads, ledger, log, reached }: Recovering): Promise<void> {
  const known = new Set<string>();
  for (const { content } of ledger.overlay.all()) if (content !== null) known.add(content.file);
  for (const file of await payloads.list()) {
    if (known.has(file)) continue;
    const kept = await payloads.setAside(file);
    reached('S18 payload set aside');
    if (kept !== null) log.warn({ kept }, 'bytes that nobody knows the name of were found; they are kept');
  }
}
