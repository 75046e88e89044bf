/** What every step of sending works with. */
import type { Clock, Log, Metrics } from '../base/index.js';
import type { Drive, DriveItem, RequestOptions } from '../drive/index.js';
import type { Foreground } from './foreground.js';
import type { GoneFolders } from './gone-folders.js';
import type { GrowingNames } from './growing-names.js';
import type { Identities } from './identities.js';
import type { LackingRoom } from './lacking-room.js';
import type { Ledger } from './ledger.js';
import type { LocalAttributeStore } from './local-attribute-store.js';
import type { Seen } from './overtaken.js';
import type { OwnVersions } from './own-versions.js';
import type { PayloadStore } from './payload-store.js';
import type { RemotePlaces } from './remote-view.js';
import type { RemovedItems } from './removed-items.js';
import type { SendPlan, SendStep } from './send-plan.js';
import type { SentPrints } from './sent-prints.js';
import type { Settlement } from './settlement.js';
import type { Ino, SpoolEvent } from './spool.js';
import { isFolder, type SpoolEntry } from './spool-entry.js';
import type { SpoolLimits } from './spool-limits.js';
import type { StepHook } from './spool-step.js';
import type { StepLengths } from './step-lengths.js';
import type { TimesTogether } from './times-together.js';
import type { Whereabouts } from './whereabouts.js';

export interface SendContext {
  readonly drive: Drive;
  readonly ledger: Ledger;
  readonly identities: Identities;
  readonly ownVersions: OwnVersions;
  readonly sentPrints: SentPrints;
  readonly stepLengths: StepLengths;
  readonly attributes: LocalAttributeStore;
  readonly payloads: PayloadStore;
  readonly whereabouts: Whereabouts;
  readonly gone: GoneFolders;
  readonly removedItems: RemovedItems;
  readonly growing: GrowingNames;
  readonly plan: SendPlan;
  readonly remote: RemotePlaces;
  /** Its wall clock never jumps: what is due comes due whatever somebody does to the machine's. */
  readonly clock: Clock;
  /** The machine's own wall clock, for people to read. */
  readonly wallNow: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: SpoolLimits;
  readonly hostName: string;
  readonly settlement: Settlement;
  readonly foreground: Foreground;
  readonly lackingRoom: LackingRoom;
  readonly times: TimesTogether;
  readonly reached: StepHook;
  emit(event: SpoolEvent): void;
  /** The file system's word before a node is sent. */
  quiesce(ino: Ino): Promise<void>;
}

/** One step under way. */
export interface Operation {
  readonly ino: Ino;
  readonly step: SendStep;
  /** How many failed before this one. */
  readonly attempts: number;
  readonly controller: AbortController;
  /** `preparing`: nothing was sent, so it may be given up at once. `settling`: the server has it. */
  phase: 'preparing' | 'sending' | 'settling';
  /** What was known of the node's item when the step began; null: nothing. */
  seen: Seen | null;
  /** What the server has by now because of it. */
  item: DriveItem | null;
  /** Resolves when the step has ended, however it did. */
  done: Promise<void>;
}

export function begun(ino: Ino, step: Operation['step'], attempts = 0): Operation {
  const controller = new AbortController();
  const nothing = { seen: null, item: null, done: Promise.resolve() };
  return { ino, step, attempts, controller, phase: 'preparing', ...nothing };
}

export function optionsOf(operation: Operation): RequestOptions {
  return { signal: operation.controller.signal, lane: 'bulk' };
}

/** The server has it: what fails from here on is no failure of the sending. */
export function isSettling({ phase }: Operation): boolean {
  return phase === 'settling';
}

/** The server may have rewritten our upload since: then that version is ours as well. */
export function versionToRemove({ attributes, remote }: SendContext, entry: SpoolEntry): string | null {
  if (isFolder(entry) || entry.item === null) return null;
  const known = remote.tree.peek(entry.item)?.version;
  const isOurs = known !== undefined && attributes.get(entry.ino)?.written?.forVersion === known;
  return isOurs ? known : entry.removedVersion;
}
