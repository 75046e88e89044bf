/** Rows that tell some things in no way for machines, as the switch says (protocol notes 3.4: nobody knows). */
import type { Switches } from '../switches.js';

const TIMES = ['Modified.', 'Created.'];
const SIZES = ['FileSizeDisplay', 'File_x0020_Size', 'SMTotalFileStreamSize', 'SMTotalSize'];

export function withGaps(row: Record<string, string>, switches: Switches): Record<string, string> {
  const { rowGaps, rowGapsOf } = switches;
  const left = { ...row };
  if (!left.FileLeafRef?.startsWith(rowGapsOf)) return left;
  if (rowGaps === 'times') for (const name of TIMES) delete left[name];
  if (rowGaps === 'kinds') delete left.FSObjType;
  if (rowGaps === 'identities') delete left.UniqueId;
  if (rowGaps === 'sizes') for (const name of SIZES) left[name] = forPeople(row[name]!);
  return left;
}

function forPeople(size: string): string {
  return size === '' ? '' : `${Number(size).toLocaleString('en-US')} B`;
}
