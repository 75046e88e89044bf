/** Ordinary copying on a server whose front ends lag behind what was just changed: times stay what they were set to. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive({ options: ['poll=1', 'actimeo=1'] });

const LIMIT = { skip: missingPrograms('rsync'), timeout: 300_000 };
const LAGGING = { visibilityLagMs: 400, staleVersionMs: 700, latencyMs: 5 };
const PROMPT = { visibilityLagMs: 0, staleVersionMs: 0, latencyMs: 0 };

const SOURCE = `mkdir -p "$L/s"; for n in $(seq 60); do d=$((n % 6)); mkdir -p "$L/s/d$d"; head -c $((n * 731 % 9000)) /dev/urandom > "$L/s/d$d/f$n";
  touch -d "2020-01-01 00:00:00 UTC + $n minutes + 0.123456789 seconds" "$L/s/d$d/f$n"; done`;

/** What differs from the mirror: rsync says it by time and size, then by content. */
const COMPARE = 'rsync -aiO --omit-dir-times "$L/s/" t/ --dry-run; rsync -aicO "$L/s/" t/ --dry-run';

/** Done to the copy and to the mirror. */
const EDITS = `for n in $(seq 1 60); do d=$((n % 6)); f=d$d/f$n; case $((n % 5)) in
  0) touch -d "2021-02-03 04:05:06.789 UTC + $n minutes" $f;;
  1) echo edit $n >> $f; touch -d "2022-02-03 04:05:06 UTC + $n minutes" $f;;
  2) echo new $n > $f.tmp; touch -d "2018-02-03 04:05:06 UTC + $n minutes" $f.tmp; mv $f.tmp $f;;
  3) touch -d "2017-02-03 04:05:06 UTC + $n minutes" $f; mv $f $f.moved;;
  esac; done`;

onDrive('cp -a, rsync, touch and edits keep their times on a lagging server', LIMIT, async (drive) => {
  await drive.turn(LAGGING);
  try {
    await drive.shell(SOURCE);
    await drive.shell('cp -a "$L/s" t', 120);
    assert.equal(await drive.shell(COMPARE), '', 'after cp');
    await drive.shell('rsync -a "$L/s/" t/; rsync -a "$L/s/" t/');
    await drive.shell(`(cd t; ${EDITS}); (cd "$L/s"; ${EDITS})`);
    assert.equal(await drive.shell(COMPARE), '', 'after the edits');
    await drive.remount();
    assert.equal(await drive.shell(COMPARE), '', 'after a remount');
    await drive.shell(`echo again >> t/d1/f1; cp -a t/d1/f1 "$L/s/d1/f1"; rm t/d2/f2 "$L/s/d2/f2"`);
    await drive.unmount();
    drive.forgetContent();
    await drive.mount();
    assert.equal(await drive.shell(COMPARE), '', 'after a remount that knows nothing of the server');
    const local = await drive.shell(`cd "$L/s"; find . -type f -printf '%P %T@\\n' | sort`);
    const expected = local
      .trim()
      .split('\n')
      .map((line) => line.replace(/\.\d+$/, ''));
    const remote = (await drive.tree()).filter(({ kind, path }) => kind === 'file' && path.startsWith('t/'));
    const there = remote.map(({ path, modifiedMs }) => `${path.slice(2)} ${Math.floor(modifiedMs / 1000)}`);
    assert.deepEqual(there.sort(), expected, 'on the server');
  } finally {
    await drive.turn(PROMPT);
  }
});

onDrive(
  'what others made just before the tree is read for the first time is there when it shows',
  LIMIT,
  async (drive) => {
    await drive.unmount();
    drive.forgetContent();
    await drive.turn({ visibilityLagMs: 600_000 });
    try {
      await drive.server.control('write', { path: 'theirs', text: 'text' });
      await drive.mount();
      assert.equal(await drive.shell('ls'), '', 'the server does not show it yet');
      await drive.server.control('clock', { byMs: 600_000 });
      await drive.shell('until [ "$(ls)" = theirs ]; do sleep 0.1; done', 30);
      assert.equal(await drive.shell('cat theirs'), 'text');
    } finally {
      await drive.turn(PROMPT);
    }
  },
);
