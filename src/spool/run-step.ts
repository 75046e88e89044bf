import { seenOf } from './overtaken.js';
import { sendContent } from './send-content.js';
import type { Operation, SendContext } from './send-context.js';
import { sendFind } from './send-find.js';
import { sendFolder } from './send-folder.js';
import { sendLook } from './send-look.js';
import { sendModified } from './send-modified.js';
import { sendMove } from './send-move.js';
import type { SendStep } from './send-plan.js';
import { sendRemoval } from './send-removal.js';
import { sendStay } from './send-stay.js';
import { finish } from './settling.js';
import type { SpoolEntry } from './spool-entry.js';

/** Does one step of sending a node; throws what the drive threw when it could not be done. */
export function runStep(
  context: SendContext,
  operation: Operation,
  step: SendStep,
  entry: SpoolEntry,
): Promise<void> {
  operation.seen = seenOf(context, entry.item);
  switch (step.kind) {
    case 'upload':
      return sendContent(context, operation, step, entry);
    case 'make-folder':
      return sendFolder(context, operation, step, entry);
    case 'move':
      return sendMove(context, operation, step, entry);
    case 'remove':
      return sendRemoval(context, operation, step, entry);
    case 'look':
      return sendLook(context, operation, step, entry);
    case 'find':
      return sendFind(context, operation, entry);
    case 'stay':
      return sendStay(context, operation, entry);
    case 'finish':
      return finish(context, operation, entry);
    case 'set-modified':
      return sendModified(context, operation, step, entry);
  }
}
