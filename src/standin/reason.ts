import { STATUS_CODES } from 'node:http';

/** SharePoint's status lines are upper case, but for 200 (protocol notes 2.2). */
export function reasonOf(status: number): string {
  if (status === 200) return 'OK';
  if (status === 207) return 'MULTI-STATUS';
  return (STATUS_CODES[status] ?? 'Unknown').toUpperCase();
}
