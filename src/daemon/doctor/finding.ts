/** What one look at the machine, the server or the account showed, and the one thing to do about it. */
export interface Finding {
  /** What was looked at. */
  readonly about: string;
  readonly state: 'good' | 'warning' | 'problem';
  readonly says: string;
  /** What to do; null when all is well. */
  readonly fix: string | null;
}

export function good(about: string, says: string): Finding {
  return { about, state: 'good', says, fix: null };
}

export function warning(about: string, says: string, fix: string): Finding {
  return { about, state: 'warning', says, fix };
}

export function problem(about: string, says: string, fix: string): Finding {
  return { about, state: 'problem', says, fix };
}
