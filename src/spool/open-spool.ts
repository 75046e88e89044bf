/** Opens a spool: locks the state, reads (or salvages) the journal, recovers, and puts the parts together. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log, Metrics } from '../base/index.js';
import type { Drive } from '../drive/index.js';
import { AbandonedUploads } from './abandoned-uploads.js';
import { ContentChanges } from './content-changes.js';
import { isDamage } from './disk-error.js';
import { Durability, type SyncFileSystem } from './durability.js';
import { Foreground } from './foreground.js';
import { GoneFolders } from './gone-folders.js';
import { GrowingNames } from './growing-names.js';
import { Identities } from './identities.js';
import { JoinedFolders } from './joined-folders.js';
import { Journal } from './journal.js';
import { JournalReserve } from './journal-reserve.js';
import { JournalledSpool } from './journalled-spool.js';
import { LackingRoom } from './lacking-room.js';
import { Ledger } from './ledger.js';
import { LocalAttributeStore } from './local-attribute-store.js';
import { NamespaceChanges } from './namespace-changes.js';
import { OwnSteps } from './own-steps.js';
import { OwnVersions } from './own-versions.js';
import { PayloadStore } from './payload-store.js';
import { recover } from './recovery.js';
import type { RemotePlaces } from './remote-view.js';
import { RemovedItems } from './removed-items.js';
import { restore, salvage } from './salvage.js';
import type { SendContext } from './send-context.js';
import { SendPlan } from './send-plan.js';
import { OutOfEachOther } from './send-stay.js';
import { SentPrints } from './sent-prints.js';
import { ServerCopies } from './server-copies.js';
import { Settlement } from './settlement.js';
import type { Ino, SpoolEvent } from './spool.js';
import { DEFAULT_SPOOL_LIMITS, type SpoolLimits } from './spool-limits.js';
import type { StepHook } from './spool-step.js';
import { lockState } from './state-lock.js';
import { steadyClock } from './steady-clock.js';
import { StepLengths } from './step-lengths.js';
import { TimesTogether } from './times-together.js';
import { Uploader } from './uploader.js';
import { Whereabouts } from './whereabouts.js';

export interface SpoolOptions {
  /** Everything durable is in here; made when it is not there. */
  readonly stateDir: string;
  readonly drive: Drive;
  readonly remote: RemotePlaces;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<SpoolLimits>;
  /** Has so many bytes fit on the disk by letting go of what can be fetched again; false when that is not possible. */
  readonly makeRoom?: (bytes: number) => Promise<boolean>;
  /** Syncs all of the disk that a descriptor is on; absent: a program of the system does it. */
  readonly syncFileSystem?: SyncFileSystem | undefined;
  /** For the names of conflict copies. */
  readonly hostName: string;
  /** For tests: told of each numbered step of SPOOL.md. */
  readonly onStep?: StepHook;
}

/**
 * Throws `StateInUse` while another process has the state, and `DatabaseTooNew`. Sends nothing before `start`.
 */
export async function openSpool(options: SpoolOptions): Promise<JournalledSpool> {
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
  const { journalReserveBytes } = { ...DEFAULT_SPOOL_LIMITS, ...options.limits };
  const reserve = new JournalReserve(join(options.stateDir, 'reserve'), journalReserveBytes);
  const unlock = reserve.use(() => lockState(options.stateDir));
  try {
    return await openLocked(options, reserve, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openLocked(
  options: SpoolOptions,
  reserve: JournalReserve,
  unlock: () => void,
): Promise<JournalledSpool> {
  const { stateDir, remote, log } = options;
  const limits = { ...DEFAULT_SPOOL_LIMITS, ...options.limits };
  const clock = steadyClock(options.clock);
  const room = {
    floorBytes: limits.freeSpaceFloorBytes,
    make: options.makeRoom ?? (() => Promise.resolve(false)),
  };
  const payloads = new PayloadStore(stateDir, clock, room, limits.sparePayloads);
  await payloads.open();
  const stored = readJournal(join(stateDir, 'journal.db'), payloads.folder, reserve, options);
  const { journal, identities, attributes } = stored;
  const ledger = new Ledger({ journal, identities, attributes }, (item) => remote.tree.pathOf(item));
  const reached = options.onStep ?? (() => undefined);
  const quarantined = await recover({
    journal,
    ledger,
    identities,
    payloads,
    log,
    reached,
    nowMs: clock.now(),
  });
  const durability = new Durability({
    journalPath: journal.path,
    payloadFolder: payloads.folder,
    reserve,
    syncFileSystem: options.syncFileSystem,
    clock,
    log,
  });
  await durability.open();

  const listeners = new Set<(event: SpoolEvent) => void>();
  let quiesce = (_: Ino): Promise<void> => Promise.resolve();
  const whereabouts = new Whereabouts(ledger.overlay, identities, remote.tree);
  const settlement = new Settlement(ledger, whereabouts, clock);
  const context: SendContext = {
    ...options,
    limits,
    clock,
    wallNow: () => options.clock.now(),
    ledger,
    identities,
    attributes,
    payloads,
    whereabouts,
    gone: new GoneFolders(),
    removedItems: new RemovedItems(),
    growing: new GrowingNames(),
    reached,
    ownVersions: new OwnVersions(),
    sentPrints: new SentPrints(),
    stepLengths: new StepLengths(),
    settlement,
    foreground: new Foreground(clock, settlement),
    lackingRoom: new LackingRoom({ ledger, clock }),
    times: new TimesTogether({ ledger, clock, limits, settlement }),
    plan: new SendPlan(ledger.overlay, whereabouts, options.drive.capabilities),
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    quiesce: (ino) => quiesce(ino),
  };
  const uploader = new Uploader(context);
  const joined = new JoinedFolders(context);
  const outOfEachOther = new OutOfEachOther(context, (ino) => uploader.stepOf(ino));
  listeners.add(({ kind }) => {
    if (kind !== 'progress') return;
    outOfEachOther.retry();
    joined.retry();
  });
  return new JournalledSpool({
    context,
    journal,
    durability,
    uploader,
    joined,
    outOfEachOther,
    abandoned: new AbandonedUploads(context, journal),
    namespace: new NamespaceChanges(context, uploader),
    contents: new ContentChanges(context, uploader),
    copies: new ServerCopies(context, uploader),
    ownSteps: new OwnSteps(context, uploader),
    listeners,
    setQuiesce: (given) => {
      quiesce = given;
    },
    quarantined,
    unlock,
  });
}

interface Stored {
  readonly journal: Journal;
  readonly identities: Identities;
  readonly attributes: LocalAttributeStore;
}

/** Reads everything once, so that damage shows before anything relies on it. */
function readJournal(
  path: string,
  payloadFolder: string,
  reserve: JournalReserve,
  { clock, log }: SpoolOptions,
): Stored {
  try {
    return readWhole(path, payloadFolder, reserve);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const { damagedFile, rows } = salvage(path, String(clock.now()));
    const owed = rows.get('owed')?.length ?? 0;
    log.error({ damagedFile, owed }, 'the journal was damaged; what could be read of it was saved');
    const fresh = new Journal(path, payloadFolder, reserve);
    restore(fresh.database, rows);
    fresh.close();
    return readWhole(path, payloadFolder, reserve);
  }
}

function readWhole(path: string, payloadFolder: string, reserve: JournalReserve): Stored {
  const journal = new Journal(path, payloadFolder, reserve);
  try {
    journal.load();
    const identities = new Identities(journal);
    const attributes = new LocalAttributeStore(journal);
    return { journal, identities, attributes };
  } catch (error) {
    journal.database.close();
    throw error;
  }
}
