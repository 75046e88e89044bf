/**
 * Where an account's sign-in stands, as the command line shows it. Pure: effects (requests, timers, log, notices) are
 * the session's.
 *
 * | state \ event     | renewal-started | renewed, signed-in | delayed   | person-needed | lapsed          | policy-blocked | signed-out |
 * |-------------------|-----------------|--------------------|-----------|---------------|-----------------|----------------|------------|
 * | ok                | renewing        | ok                 | ok        | ok + warning  | stale           | blocked        | signed-out |
 * | ok + warning      | renewing        | ok                 | same      | ok + warning  | signed-out      | blocked        | signed-out |
 * | renewing (usable) | same            | ok                 | ok        | ok + warning  | renewing (dead) | blocked        | signed-out |
 * | renewing (dead)   | same            | ok                 | stale     | signed-out    | same            | blocked        | signed-out |
 * | stale             | renewing (dead) | ok                 | stale     | signed-out    | same            | blocked        | signed-out |
 * | signed-out        | same            | ok                 | same      | signed-out    | same            | same           | signed-out |
 * | blocked           | same            | ok                 | same      | same          | same            | same           | signed-out |
 *
 * `extended` changes the times alone. `usable` means that the cookies at hand were not refused yet and have not ended. A renewal ahead of time that needs a
 * person therefore only warns: what works goes on working until its end. `signed-out` and `blocked` start no renewal of
 * their own; only a sign-in by a person (here, or by `odbfs login` in another process) leads out.
 */

export interface SessionTimes {
  /** By our clock; null when unknown. */
  readonly expiresAt: number | null;
  readonly renewedAt: number;
}

export type AuthState =
  | { readonly name: 'ok'; readonly times: SessionTimes; readonly warning: string | null }
  | {
      readonly name: 'renewing';
      readonly times: SessionTimes;
      readonly usable: boolean;
      readonly warning: string | null;
    }
  | { readonly name: 'stale'; readonly times: SessionTimes; readonly message: string }
  | { readonly name: 'signed-out'; readonly times: SessionTimes; readonly message: string }
  | { readonly name: 'blocked'; readonly times: SessionTimes; readonly message: string };

export type AuthEvent =
  | { readonly type: 'renewal-started' }
  /** Silently, by the keeper. */
  | { readonly type: 'renewed'; readonly times: SessionTimes }
  /** By a person, here or in another process. */
  | { readonly type: 'signed-in'; readonly times: SessionTimes }
  /** The renewal failed for a passing reason. */
  | { readonly type: 'delayed'; readonly message: string }
  | { readonly type: 'person-needed'; readonly message: string }
  /** The server refused the session, or its end has come. */
  | { readonly type: 'lapsed'; readonly message: string }
  | { readonly type: 'policy-blocked'; readonly message: string }
  | { readonly type: 'signed-out'; readonly message: string }
  /** The server moved the end of the session at hand. */
  | { readonly type: 'extended'; readonly expiresAt: number | null };

export function transition(state: AuthState, event: AuthEvent): AuthState {
  switch (event.type) {
    case 'renewed':
    case 'signed-in':
      return { name: 'ok', times: event.times, warning: null };
    case 'signed-out':
      return { name: 'signed-out', times: state.times, message: event.message };
    case 'extended':
      return { ...state, times: { ...state.times, expiresAt: event.expiresAt } };
    default:
      break;
  }
  switch (state.name) {
    case 'ok':
      return fromOk(state, event);
    case 'renewing':
      return fromRenewing(state, event);
    case 'stale':
      return fromStale(state, event);
    case 'signed-out':
      return event.type === 'person-needed' ? { ...state, message: event.message } : state;
    case 'blocked':
      return state;
  }
}

type Of<Name extends AuthState['name']> = Extract<AuthState, { readonly name: Name }>;

/** What remains when the events that lead the same way from everywhere are gone. */
type InnerEvent = Exclude<AuthEvent, { readonly type: 'renewed' | 'signed-in' | 'signed-out' | 'extended' }>;

function fromOk(state: Of<'ok'>, event: InnerEvent): AuthState {
  const { times, warning } = state;
  switch (event.type) {
    case 'renewal-started':
      return { name: 'renewing', times, usable: true, warning };
    case 'delayed':
      return state;
    case 'person-needed':
      return { ...state, warning: event.message };
    case 'lapsed':
      return warning === null
        ? { name: 'stale', times, message: event.message }
        : { name: 'signed-out', times, message: warning };
    case 'policy-blocked':
      return { name: 'blocked', times, message: event.message };
  }
}

function fromRenewing(state: Of<'renewing'>, event: InnerEvent): AuthState {
  const { times, usable, warning } = state;
  switch (event.type) {
    case 'renewal-started':
      return state;
    case 'delayed':
      return usable ? { name: 'ok', times, warning } : { name: 'stale', times, message: event.message };
    case 'person-needed':
      return usable
        ? { name: 'ok', times, warning: event.message }
        : { name: 'signed-out', times, message: event.message };
    case 'lapsed':
      return { ...state, usable: false };
    case 'policy-blocked':
      return { name: 'blocked', times, message: event.message };
  }
}

function fromStale(state: Of<'stale'>, event: InnerEvent): AuthState {
  const { times } = state;
  switch (event.type) {
    case 'renewal-started':
      return { name: 'renewing', times, usable: false, warning: null };
    case 'delayed':
      return { ...state, message: event.message };
    case 'person-needed':
      return { name: 'signed-out', times, message: event.message };
    case 'lapsed':
      return state;
    case 'policy-blocked':
      return { name: 'blocked', times, message: event.message };
  }
}

/** The one line for a person that a state carries. */
export function messageOf(state: AuthState): string | null {
  return state.name === 'ok' || state.name === 'renewing' ? state.warning : state.message;
}
