/** An entry as a row of the journal's table `owed`, and back. */
import type { UploadBase } from '../drive/index.js';
import type { OwedSession } from './growing-names.js';
import type { NodeKind, OwedContent, OwedState, Place } from './spool.js';
import { owedAt, type Sent, type SpoolEntry, STAGED, type Tried } from './spool-entry.js';
import type { Touched } from './touched.js';

export interface EntryRow {
  ino: number;
  kind: string;
  item: string | null;
  parent: number | null;
  name: string | null;
  removed: number;
  origin_parent: number | null;
  origin_name: string | null;
  removed_version: string | null;
  file: string | null;
  size: number | null;
  base: string | null;
  generation: number | null;
  modified_ms: number | null;
  state: string;
  reason: string | null;
  tried: string | null;
  touched: string | null;
  session: string | null;
  sent: string | null;
}

export const ENTRY_COLUMNS: readonly (keyof EntryRow)[] = [
  'ino',
  'kind',
  'item',
  'parent',
  'name',
  'removed',
  'origin_parent',
  'origin_name',
  'removed_version',
  'file',
  'size',
  'base',
  'generation',
  'modified_ms',
  'state',
  'reason',
  'tried',
  'touched',
  'session',
  'sent',
];

const KINDS: readonly string[] = ['file', 'folder', 'symlink'] satisfies NodeKind[];

/** The values in the order of `ENTRY_COLUMNS`. `fileName`: how a payload is named in the journal. */
export function rowOf(
  entry: SpoolEntry,
  fileName: (file: string) => string,
): (string | number | bigint | null)[] {
  const { content, place, origin, state } = entry;
  return [
    BigInt(entry.ino),
    entry.kind,
    entry.item,
    place === null ? null : BigInt(place.parent),
    place?.name ?? null,
    entry.removed ? 1 : 0,
    origin === null ? null : BigInt(origin.parent),
    origin?.name ?? null,
    entry.removedVersion,
    content === null ? null : fileName(content.file),
    content?.size ?? null,
    content === null ? null : baseText(content.base),
    content?.generation ?? null,
    entry.modifiedMs,
    durableState(state),
    state.kind === 'refused' ? state.reason : null,
    jsonOf(entry.tried),
    jsonOf(entry.touched),
    jsonOf(entry.session),
    jsonOf(entry.sent),
  ];
}

/** Undefined when the row can't be understood: its payload is then quarantined by recovery. */
export function entryOf(row: EntryRow, filePath: (name: string) => string): SpoolEntry | undefined {
  if (!KINDS.includes(row.kind) || !Number.isSafeInteger(row.ino)) return undefined;
  try {
    return {
      ino: row.ino,
      kind: row.kind as NodeKind,
      item: row.item,
      place: placeOf(row.parent, row.name),
      removed: row.removed === 1,
      content: contentOf(row, filePath),
      modifiedMs: row.modified_ms,
      state: stateOf(row),
      origin: placeOf(row.origin_parent, row.origin_name),
      removedVersion: row.removed_version,
      tried: triedOf(fromJson<Tried | TriedBySize>(row.tried)),
      touched: fromJson<Touched>(row.touched),
      session: fromJson<OwedSession>(row.session),
      sent: fromJson<Sent>(row.sent),
    };
  } catch {
    return undefined;
  }
}

/** As an earlier make wrote it. */
interface TriedBySize {
  readonly place: Place;
  readonly size: number;
  readonly generation: number;
  readonly earlierSizes: readonly number[];
}

function triedOf(tried: Tried | TriedBySize | null): Tried | null {
  if (tried === null || 'content' in tried) return tried;
  const { place, generation, size, earlierSizes } = tried;
  const ofSize = (one: number) => ({ size: one, digest: null });
  return { place, generation, content: ofSize(size), earlier: earlierSizes.map(ofSize) };
}

function contentOf(row: EntryRow, filePath: (name: string) => string): OwedContent | null {
  if (row.file === null || row.size === null || row.base === null || row.generation === null) return null;
  return { file: filePath(row.file), size: row.size, base: baseOf(row.base), generation: row.generation };
}

function placeOf(parent: number | null, name: string | null): Place | null {
  return parent === null || name === null ? null : { parent, name };
}

/** What is under way or waits for a sign-in is simply owed after a restart. */
function durableState(state: OwedState): string {
  return state.kind === 'staged' || state.kind === 'refused' ? state.kind : 'owed';
}

function stateOf({ state, reason }: EntryRow): OwedState {
  if (state === 'staged') return STAGED;
  return state === 'refused' ? { kind: 'refused', reason: reason ?? 'refused' } : owedAt(0);
}

/** `absent`, or `=` and the version. */
function baseText(base: UploadBase): string {
  return typeof base === 'string' ? base : `=${base.version}`;
}

function baseOf(text: string): UploadBase {
  if (text === 'absent') return text;
  if (!text.startsWith('=')) throw new Error('not a base');
  return { version: text.slice(1) };
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJson<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}
