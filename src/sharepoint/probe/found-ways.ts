/** What a probe's report says about the ways to the server, for the drive that uses them. */
import type { KnownWays, Way } from '../verbs/server-ways.js';
import type { ProbeAnswer, ProbeReport } from './probe-report.js';

/** The answer that tells of a way. */
const TOLD_BY: Readonly<Partial<Record<Way, string>>> = {
  'list-all': 'rest-list',
  'changes-since': 'rest-changes-since',
  changes: 'rest-changes',
  batch: 'rest-batch',
  usage: 'rest-usage',
  'dav-quota': 'dav-quota',
};

/** Only what the server was clear about. */
export function foundWays(report: ProbeReport): KnownWays {
  const atMs = Date.parse(report.madeAt);
  const told = Object.entries(TOLD_BY).map(([way, id]) => [way, answerOf(report, id)] as const);
  return Object.fromEntries(
    told
      .filter(([, answer]) => answer !== undefined && answer.verdict !== 'unknown')
      .map(([way, answer]) => [way, { works: answer?.verdict === 'yes', atMs }]),
  );
}

function answerOf({ answers }: ProbeReport, id: string): ProbeAnswer | undefined {
  return answers.find((answer) => answer.id === id);
}
