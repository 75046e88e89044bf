/** `odbfs doctor --probe`: asks a server, read-only and within a minute, what the notes could not tell. */
import type { Clock } from '../../base/index.js';
import type { Transport } from '../http/transport.js';
import { Asker } from './asker.js';
import { contentQuestions } from './content-questions.js';
import { davQuestions } from './dav-questions.js';
import { findPlace } from './place.js';
import type { ProbeReport } from './probe-report.js';
import { restQuestions } from './rest-questions.js';

const TIME_LIMIT_MS = 60_000;

export interface ProbeOptions {
  /** Signed. */
  readonly transport: Transport;
  readonly webUrl: URL;
  readonly libraryUrl: URL;
  /** False for servers without SharePoint's REST services. */
  readonly hasRest: boolean;
  readonly clock: Clock;
}

/** Throws the signal's reason, or a time-out. */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<ProbeReport> {
  const asker = new Asker(options.transport, AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]));
  const place = await findPlace(asker, options.webUrl, options.libraryUrl);
  const head = await asker.ask({ method: 'OPTIONS', url: place.libraryUrl });
  return {
    format: 1,
    madeAt: new Date(options.clock.now()).toISOString(),
    serverBuild: head.headers.microsoftsharepointteamservices ?? null,
    answers: [
      ...(await davQuestions(asker, place)),
      ...(await contentQuestions(asker, place)),
      ...(options.hasRest ? await restQuestions(asker, place) : []),
    ],
  };
}
