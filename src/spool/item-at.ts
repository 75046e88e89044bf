import { DriveError, type DriveItem, type DrivePath } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';

/** What the server has at a path; null: nothing. */
export async function itemAt(
  { drive }: SendContext,
  operation: Operation,
  path: DrivePath,
): Promise<DriveItem | null> {
  try {
    return await drive.stat(path, optionsOf(operation));
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}
