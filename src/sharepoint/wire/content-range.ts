/** `Content-Range`: `bytes 0-99/1234`, `bytes 0-99/*`, and `bytes * /1234` with a 416. */
export interface ContentRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly total: number | null;
}

/** Null when the header is absent or makes no sense. An unsatisfied range has start and end 0. */
export function contentRange(header: string | undefined): ContentRange | null {
  const parts = /^\s*bytes[\s=]+(?:(\d+)-(\d+)|\*)\/(\d+|\*)\s*$/i.exec(header ?? '');
  if (parts === null) return null;
  const total = parts[3] === '*' ? null : Number(parts[3]);
  if (parts[1] === undefined) return { start: 0, end: 0, total };
  const start = Number(parts[1]);
  const end = Number(parts[2]) + 1;
  if (end <= start || (total !== null && end > total)) return null;
  return { start, end, total };
}
