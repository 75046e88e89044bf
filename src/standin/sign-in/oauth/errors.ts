/** The error body of the token endpoint: clients read `error` and the AADSTS code, never the text (protocol notes 1h). */
import type { StandinRequest } from '../../request.js';
import { type AadstsCode, aadstsText } from '../aadsts.js';
import { replyJson } from '../answers.js';
import type { Desk } from '../desk.js';

export function replyOAuthError(
  desk: Desk,
  request: StandinRequest,
  error: string,
  code: AadstsCode,
  extra: Readonly<Record<string, string>> = {},
): Promise<void> {
  const now = new Date(desk.clock.now()).toISOString().replace('T', ' ').replace(/\.\d+/, '');
  const trace = desk.random.guid();
  const correlation = desk.random.guid();
  return replyJson(request, 400, {
    error,
    error_description: `${aadstsText(code)} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${now}`,
    error_codes: [code],
    timestamp: now,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `${desk.hosts.originOf('login', request)}/error?code=${code}`,
    ...extra,
  });
}
