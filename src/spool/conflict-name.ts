/** How long a name may be, bytes (semantics: Names). */
const LONGEST_NAME_BYTES = 255;

/** What a copy of a conflict has already: its own copy gets a new one instead. */
const MARK = / \(conflict \S+ \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d( \d+)?\)$/;
/** The points of a time or of a version number are none. */
const EXTENSION = /(?<=.)\.[^.\s()]*$/;

export interface ConflictNaming {
  readonly host: string;
  readonly atMs: number;
  isTaken(name: string): boolean;
}

/** `name (conflict HOST YYYY-MM-DD HH.MM.SS).ext`, local time, made free by a number and short enough. */
export function conflictName(name: string, { host, atMs, isTaken }: ConflictNaming): string {
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length).replace(MARK, '');
  for (let count = 1; ; count += 1) {
    const number = count === 1 ? '' : ` ${count}`;
    const mark = ` (conflict ${harmless(host)} ${timeText(new Date(atMs))}${number})${extension}`;
    const candidate = shortened(stem, LONGEST_NAME_BYTES - Buffer.byteLength(mark)) + mark;
    if (!isTaken(candidate)) return candidate;
  }
}

function timeText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}.${two(date.getMinutes())}.${two(date.getSeconds())}`;
}

/** A host name in a file name: only what every server takes. */
function harmless(host: string): string {
  return host.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64) || 'host';
}

function shortened(stem: string, bytes: number): string {
  let short = stem;
  while (Buffer.byteLength(short) > Math.max(0, bytes)) short = [...short].slice(0, -1).join('');
  return short;
}
