/**
 * Whether a version is what our own moves and times made of the one before: told by size and time, by how far the server
 * counted, and where that leaves a doubt by the bytes, if we sent them lately.
 */

import type { DriveItem, RequestOptions, Version } from '../drive/index.js';
import type { ContentPrint } from './content-print.js';
import { contentThere, type There } from './content-there.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SpoolEntry } from './spool-entry.js';
import type { StepLengths, Stepping } from './step-lengths.js';
import { attemptsAt, isEdited, isTouched, type Touched } from './touched.js';

type Judging = Pick<SendContext, 'drive' | 'limits' | 'sentPrints' | 'stepLengths'>;

/** True when what is `there` is the version `before`, only moved or with a time that we had told the server. */
export async function isOwnTouch(
  context: Judging,
  options: RequestOptions,
  { touched, item }: Pick<SpoolEntry, 'touched' | 'item'>,
  before: Version | null,
  there: There,
): Promise<boolean> {
  if (!mayBeOwnTouch(context, { touched }, before, there.item)) return false;
  if (there.item.version === before) return true;
  const print = context.sentPrints.of(item ?? there.item.id, before!);
  return print === undefined || (await contentThere(context, options, there, [print])) !== undefined;
}

/** The same as far as it can be told without asking. */
export function mayBeOwnTouch(
  { drive, stepLengths }: Pick<SendContext, 'drive' | 'stepLengths'>,
  { touched }: Pick<SpoolEntry, 'touched'>,
  before: Version | null,
  item: DriveItem,
): boolean {
  if (before === null || touched === null || !isTouched({ touched }, before, item)) return false;
  return lengthOf(drive, before, item.version) <= stepLengths.most(attemptsAt(touched));
}

/**
 * True when the answer to a move, or a time, tells of somebody else's edit as well, which came before it and which nobody
 * here has seen.
 */
export async function hasEdit(
  context: SendContext,
  operation: Operation,
  { touched }: SpoolEntry,
  item: DriveItem,
): Promise<boolean> {
  const path = pathAfter(operation.step);
  const known = context.remote.tree.peek(item.id);
  if (touched === null || item.kind === 'folder') return false;
  // What the caches were told of meanwhile has been seen.
  const isSeen = known !== undefined && known.version !== touched.before && known.size === item.size;
  if (isEdited(touched, item) && !isSeen) return true;
  if (path === null || known === undefined) return false;
  const { stepLengths } = context;
  const length = lengthOf(context.drive, known.version, item.version);
  const isCertain = isOneStep(stepLengths, touched, operation.step, length);
  const isFar = length > stepLengths.most(attemptsAt(touched));
  const stepping = onlyStep(touched, known.version);
  if (stepping !== null) stepLengths.add(stepping, length);
  if (isCertain || known.version === item.version) return false;
  const print = context.sentPrints.of(item.id, known.version);
  const isKnown = print && (await holds(context, operation, { path, item }, print));
  if (isKnown === undefined) return isFar;
  if (stepping !== null) stepLengths.compared(stepping, length, !isKnown);
  return !isKnown;
}

/** The step that was answered explains it, and what may have become of the attempts before it does not matter. */
function isOneStep(
  stepLengths: StepLengths,
  touched: Touched,
  { kind }: Operation['step'],
  length: number,
): boolean {
  const { moves, times } = attemptsAt(touched);
  const isKnown = stepLengths.isKnown(kind === 'move' ? 'moves' : 'times');
  if (!isKnown) return moves + times === 1;
  const one = kind === 'move' ? { moves: 1, times: 0 } : { moves: 0, times: 1 };
  return length <= stepLengths.most(one);
}

function lengthOf(drive: SendContext['drive'], before: Version, after: Version): number {
  return before === after ? 0 : (drive.changesBetween(before, after) ?? 1);
}

/** Only what one answered step led to tells how far one leads. */
function onlyStep(touched: Touched, before: Version): Stepping | null {
  const { moves, times } = attemptsAt(touched);
  if (moves + times !== 1 || touched.before !== before) return null;
  return moves === 1 ? 'moves' : 'times';
}

/** Undefined: it could not be read. The server has done it by then, and must not be asked to do it again. */
async function holds(
  context: SendContext,
  operation: Operation,
  there: There,
  print: ContentPrint,
): Promise<boolean | undefined> {
  try {
    return (await contentThere(context, optionsOf(operation), there, [print])) !== undefined;
  } catch {
    return undefined;
  }
}

/** Where a step led to; null: it changes more than that. A change of case may be two moves. */
function pathAfter(step: Operation['step']): string | null {
  if (step.kind === 'set-modified') return step.path;
  if (step.kind !== 'move' || step.path.toLowerCase() === step.to.toLowerCase()) return null;
  return step.to;
}
