import { absentAsNull, type DriveItem, type DrivePath } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';

/** What the server has at a path; null: nothing. */
export function itemAt(
  { drive }: SendContext,
  operation: Operation,
  path: DrivePath,
): Promise<DriveItem | null> {
  return absentAsNull(drive.stat(path, optionsOf(operation)));
}
