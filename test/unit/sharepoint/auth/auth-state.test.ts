import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AuthEvent,
  type AuthState,
  transition,
} from '../../../../src/sharepoint/auth/session/auth-state.js';

const times = { expiresAt: 2, renewedAt: 1 };
const later = { expiresAt: 4, renewedAt: 3 };

const STATES = {
  ok: { name: 'ok', times, warning: null },
  warned: { name: 'ok', times, warning: 'warned' },
  usable: { name: 'renewing', times, usable: true, warning: null },
  dead: { name: 'renewing', times, usable: false, warning: null },
  stale: { name: 'stale', times, message: 'stale' },
  'signed-out': { name: 'signed-out', times, message: 'out' },
  blocked: { name: 'blocked', times, message: 'blocked' },
} as const satisfies Record<string, AuthState>;

const EVENTS = {
  started: { type: 'renewal-started' },
  renewed: { type: 'renewed', times: later },
  delayed: { type: 'delayed', message: 'm' },
  person: { type: 'person-needed', message: 'm' },
  lapsed: { type: 'lapsed', message: 'm' },
  policy: { type: 'policy-blocked', message: 'm' },
  out: { type: 'signed-out', message: 'm' },
} as const satisfies Record<string, AuthEvent>;

/** The table of the doc comment, in its words. */
const TABLE: Record<keyof typeof STATES, Record<keyof typeof EVENTS, keyof typeof STATES>> = {
  ok: {
    started: 'usable',
    renewed: 'ok',
    delayed: 'ok',
    person: 'warned',
    lapsed: 'stale',
    policy: 'blocked',
    out: 'signed-out',
  },
  warned: {
    started: 'usable',
    renewed: 'ok',
    delayed: 'warned',
    person: 'warned',
    lapsed: 'signed-out',
    policy: 'blocked',
    out: 'signed-out',
  },
  usable: {
    started: 'usable',
    renewed: 'ok',
    delayed: 'ok',
    person: 'warned',
    lapsed: 'dead',
    policy: 'blocked',
    out: 'signed-out',
  },
  dead: {
    started: 'dead',
    renewed: 'ok',
    delayed: 'stale',
    person: 'signed-out',
    lapsed: 'dead',
    policy: 'blocked',
    out: 'signed-out',
  },
  stale: {
    started: 'dead',
    renewed: 'ok',
    delayed: 'stale',
    person: 'signed-out',
    lapsed: 'stale',
    policy: 'blocked',
    out: 'signed-out',
  },
  'signed-out': {
    started: 'signed-out',
    renewed: 'ok',
    delayed: 'signed-out',
    person: 'signed-out',
    lapsed: 'signed-out',
    policy: 'signed-out',
    out: 'signed-out',
  },
  blocked: {
    started: 'blocked',
    renewed: 'ok',
    delayed: 'blocked',
    person: 'blocked',
    lapsed: 'blocked',
    policy: 'blocked',
    out: 'signed-out',
  },
};

function wordFor(state: AuthState): keyof typeof STATES {
  if (state.name === 'ok') return state.warning === null ? 'ok' : 'warned';
  if (state.name === 'renewing') return state.usable ? 'usable' : 'dead';
  return state.name;
}

for (const [from, row] of Object.entries(TABLE)) {
  test(`from ${from}, every event leads where the table says`, () => {
    for (const [event, to] of Object.entries(row)) {
      const next = transition(STATES[from as keyof typeof STATES], EVENTS[event as keyof typeof EVENTS]);
      assert.equal(wordFor(next), to, event);
    }
  });
}

test('a warning becomes the reason of being signed out', () => {
  const state = transition(STATES.warned, { type: 'lapsed', message: 'ended' });
  assert.equal(state.name === 'signed-out' && state.message, 'warned');
});

test('a longer life changes the times and nothing else', () => {
  const state = transition(STATES.stale, { type: 'extended', expiresAt: 9 });
  assert.deepEqual(state, { ...STATES.stale, times: { ...times, expiresAt: 9 } });
});

test('only a sign-in leads out of signed-out and blocked', () => {
  for (const from of [STATES['signed-out'], STATES.blocked]) {
    assert.deepEqual(transition(from, { type: 'signed-in', times: later }), {
      name: 'ok',
      times: later,
      warning: null,
    });
  }
});
