/**
 * The library's change log by either of its two services (protocol notes 3.4): the one that brings the changed rows
 * along, or the one that names what changed, after which the rows are asked for. Their tokens are the same.
 */
import {
  type ChangePage,
  type ChangeToken,
  ChangeTokenLost,
  DriveError,
  type RequestOptions,
} from '../../drive/index.js';
import type { Refusal } from '../wire/drive-error.js';
import { ChangedIds } from './changed-ids.js';
import { ChangedRows } from './changed-rows.js';
import type { Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import type { Sampled } from './row-versions.js';
import { isServiceRefusal, type Way } from './server-ways.js';

export interface SampledChanges extends ChangePage, Sampled {}

export interface ChangeLog {
  currentToken(options: RequestOptions): Promise<ChangeToken>;
  /** Throws `ChangeTokenLost`, or `DriveError`. */
  changes(since: ChangeToken, options: RequestOptions): Promise<SampledChanges>;
}

export class EitherChangeLog implements ChangeLog {
  readonly #remote: Remote;
  readonly #logs: readonly (readonly [Way, ChangeLog])[];

  constructor(remote: Remote, rest: RestClient) {
    this.#remote = remote;
    this.#logs = [
      ['changes-since', new ChangedRows(remote, rest)],
      ['changes', new ChangedIds(remote, rest)],
    ];
  }

  currentToken(options: RequestOptions): Promise<ChangeToken> {
    return this.#either((log) => log.currentToken(options));
  }

  async changes(since: ChangeToken, options: RequestOptions): Promise<SampledChanges> {
    try {
      return await this.#either((log) => log.changes(since, options));
    } catch (error) {
      if (saysNothing(error) && (await this.#knowsOnlyLater(since, options))) throw lost();
      throw error;
    }
  }

  /** It tells what changed since now, and not since then. */
  async #knowsOnlyLater(since: ChangeToken, options: RequestOptions): Promise<boolean> {
    try {
      const now = await this.currentToken(options);
      if (now === since) return false;
      await this.#either((log) => log.changes(now, options));
      return true;
    } catch (error) {
      if (error instanceof DriveError) return false;
      throw error;
    }
  }

  async #either<Result>(ask: (log: ChangeLog) => Promise<Result>): Promise<Result> {
    const { ways } = this.#remote;
    const open = this.#logs.filter(([way]) => ways.mayTry(way));
    const candidates = open.length > 0 ? open : this.#logs;
    for (const [index, [way, log]] of candidates.entries()) {
      try {
        return await ask(log);
      } catch (error) {
        if (!(error instanceof DriveError) || !isRefused(error)) throw error;
        if (index === candidates.length - 1) throw error;
        ways.refused(way);
      }
    }
    throw new DriveError('protocol', 'the library has no change log');
  }
}

/** Also one that does not understand us. A place that is lost is told as such, and never comes here. */
function isRefused({ status }: DriveError): boolean {
  return isServiceRefusal(status) || status === 400;
}

/** E_INVALIDARG: how an old token or one of another list is refused. */
const INVALID_ARGUMENT = /-2147024809|ArgumentException|change ?token|0x80070057/i;
const LOST = new Set([400, 409, 410, 412]);

/** How an old token is refused is written down nowhere (protocol notes 3.4), and a 500 may be anything. */
function saysNothing(error: unknown): boolean {
  return error instanceof DriveError && error.status === 500;
}

export function isTokenLost({ status, text }: Refusal): boolean {
  return LOST.has(status) || INVALID_ARGUMENT.test(text);
}

export function lost(): ChangeTokenLost {
  return new ChangeTokenLost('the server no longer knows the change token');
}
