/** Rows that tell some things in no way for machines, as the switch says (protocol notes 3.4: nobody knows). */
import type { Switches } from '../switches.js';

const TIMES = ['Modified.', 'Created.'];
const PLACES = ['FileRef', 'FileRef.urlencode', 'FileDirRef', 'FileLeafRef', 'FileLeafRef.Name'];
const SIZES = ['FileSizeDisplay', 'File_x0020_Size', 'SMTotalFileStreamSize', 'SMTotalSize'];

/** The same of a rowset, where a machine's way is the only one: of these there are places alone. */
export function withoutPlace(row: Record<string, string>, name: string, switches: Switches) {
  const { rowGaps, rowGapsOf } = switches;
  const left = { ...row };
  if (!name.startsWith(rowGapsOf)) return left;
  if (rowGaps === 'references' || rowGaps === 'places') delete left.ows_FileRef;
  if (rowGaps === 'places') for (const place of PLACES) delete left[`ows_${place}`];
  return left;
}

export function withGaps(row: Record<string, string>, switches: Switches): Record<string, string> {
  const { rowGaps, rowGapsOf } = switches;
  const left = { ...row };
  if (!left.FileLeafRef?.startsWith(rowGapsOf)) return left;
  if (rowGaps === 'times') for (const name of TIMES) delete left[name];
  if (rowGaps === 'kinds') delete left.FSObjType;
  if (rowGaps === 'identities') delete left.UniqueId;
  if (rowGaps === 'references') for (const name of PLACES.slice(0, 2)) delete left[name];
  if (rowGaps === 'places') for (const name of PLACES) delete left[name];
  if (rowGaps === 'sizes') for (const name of SIZES) left[name] = forPeople(row[name]!);
  return left;
}

function forPeople(size: string): string {
  return size === '' ? '' : `${Number(size).toLocaleString('en-US')} B`;
}
