/** What may come between a cookie of the login host and a new session: each needs a person, told once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authPlace, NEVER_ABORTED, signedInByPages } from '../support/auth-place.js';

const HOUR_MS = 3_600_000;

for (const renewalNeeds of ['password', 'mfa', 'terms', 'kmsi'] as const) {
  test(`${renewalNeeds}: warned while the session lasts, signed out at its end, asked once`, async (t) => {
    const place = await authPlace(t);
    const session = await signedInByPages(t, place);
    place.standin.control.switches.renewalNeeds = renewalNeeds;
    const shown = place.standin.control.signIns.count('page-shown');
    const seen: string[] = [];
    session.subscribe(({ state, message }) => seen.push(message === null ? state : `${state}!`));
    const stop = new AbortController();
    const endsAt = place.clock.now() + 72 * HOUR_MS;
    place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
    await session.run(stop.signal);
    assert.deepEqual(seen, ['renewing', 'ok!', 'signed-out!']);
    assert.equal(place.standin.control.signIns.count('page-shown') - shown, 1);
    await assert.rejects(session.apply(new URL(place.options.siteUrl), NEVER_ABORTED), {
      kind: 'signed-out',
    });
  });
}
