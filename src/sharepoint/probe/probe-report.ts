/**
 * What a read-only look at a live server showed: the open questions of protocol notes 7 that reading can answer. The
 * report is made to be shown to others: no names, no addresses, no ids, no secrets; only statuses, counts and headers
 * that every tenant has.
 */

/** `unknown`: this drive holds nothing to try it on, or the server would not say. */
export type Verdict = 'yes' | 'no' | 'unknown';

export interface ProbeAnswer {
  /** Short and stable, for programs: `dav-quota`. */
  readonly id: string;
  readonly question: string;
  readonly verdict: Verdict;
  /** What the verdict rests on: statuses, counts, times. */
  readonly seen: Readonly<Record<string, string | number | boolean | null>>;
}

export interface ProbeReport {
  readonly format: 1;
  readonly madeAt: string;
  /** `MicrosoftSharePointTeamServices`, the server's build. */
  readonly serverBuild: string | null;
  readonly answers: readonly ProbeAnswer[];
}
