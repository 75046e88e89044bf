/** Rows that tell some things in no way for machines, as the switch says (protocol notes 3.4: nobody knows). */
import type { Switches } from '../switches.js';

const TIMES = ['Modified.', 'Created.'];
const SIZES = ['FileSizeDisplay', 'File_x0020_Size', 'SMTotalFileStreamSize', 'SMTotalSize'];

export function withGaps(row: Record<string, string>, { rowGaps }: Switches): Record<string, string> {
  const left = { ...row };
  if (rowGaps === 'times') for (const name of TIMES) delete left[name];
  if (rowGaps === 'kinds') delete left.FSObjType;
  if (rowGaps === 'sizes') for (const name of SIZES) left[name] = forPeople(row[name]!);
  return left;
}

function forPeople(size: string): string {
  return size === '' ? '' : `${Number(size).toLocaleString('en-US')} B`;
}
