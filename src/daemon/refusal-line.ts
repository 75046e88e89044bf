/**
 * One line for a person: what is refused, by its path on this machine, and why. Most reasons begin with its path in the
 * drive, which says the same.
 */
export function refusalLine(path: string, reason: string): string {
  const end = reason.indexOf(': ');
  const named = end > 0 ? reason.slice(0, end) : '';
  const isSaid = named.startsWith('/') && path.endsWith(named);
  return `${path}: ${isSaid ? reason.slice(end + 2) : reason}`;
}
