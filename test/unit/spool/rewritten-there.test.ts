/** The answer to an upload got lost, and the server has written properties into what arrived: that is no conflict. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type BenchOptions, type SpoolBench, spoolBench } from '../../support/spool-bench.js';

const OURS = '<html>\n<body>mine</body>\n</html>\n';
const REWRITTEN = '<html>\n<!--properties-->\n<body>mine</body>\n</html>\n';
const THEIRS = '<html>\n<body>theirs</body>\n</html>\n';

/** The next upload to `path` arrives, nobody hears of it, and then that is what is there. */
function loseAnswer({ drive }: SpoolBench, path: string, then: string): void {
  drive.afterCall = ({ name }) => {
    if (name !== 'upload') return;
    drive.afterCall = () => undefined;
    drive.server.write(path, then);
    throw new DriveError('unreachable', 'the answer got lost');
  };
}

for (const [what, options] of Object.entries<BenchOptions>({
  'a new file': {},
  'an edit': { setUp: ({ server }) => server.write('/a.html', 'before') },
})) {
  const owing = async (bench: SpoolBench) => {
    if (what === 'a new file') return bench.file(ROOT_INO, 'a.html', OURS);
    const ino = bench.inoAt('/a.html');
    await bench.write(ino, OURS, bench.itemAt('/a.html'));
    return ino;
  };

  test(`${what} that the server has rewritten is what we sent`, async (t) => {
    const bench = await spoolBench(t, options);
    loseAnswer(bench, '/a.html', REWRITTEN);
    const ino = await owing(bench);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/a.html': REWRITTEN });
    assert.deepEqual(bench.spool.conflicts, []);
    assert.equal(bench.spool.statistics.owed, 0);
    assert.equal(bench.spool.itemOf(ino), bench.itemAt('/a.html'));
  });

  test(`${what} that somebody else changed is not`, async (t) => {
    const bench = await spoolBench(t, { ...options, expectedWarnings: /both are kept/ });
    loseAnswer(bench, '/a.html', THEIRS);
    await owing(bench);
    await bench.quiesce();
    assert.equal(bench.serverTree()['/a.html'], THEIRS);
    assert.equal(bench.spool.conflicts.length, 1);
  });
}

test('an empty file is no beginning of anything', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /both are kept/ });
  loseAnswer(bench, '/a.html', THEIRS);
  await bench.file(ROOT_INO, 'a.html', '');
  await bench.quiesce();
  assert.equal(bench.serverTree()['/a.html'], THEIRS);
  assert.equal(bench.spool.conflicts.length, 1);
});
