import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriveItem } from '../../../src/drive/index.js';
import { ServerRewriting } from '../../../src/fs/server-rewriting.js';
import { FakeClock } from '../../support/fake-clock.js';

const item = (name: string, version: string, modifiedMs = 0): DriveItem => ({
  id: 'id-1',
  name,
  kind: 'file',
  size: 10,
  modifiedMs,
  createdMs: 0,
  version,
});

test('the first change of an Office file soon after our upload is the server rewriting it', () => {
  const clock = new FakeClock();
  const rewriting = new ServerRewriting(clock);
  rewriting.uploaded(item('report.docx', 'v1', clock.now()));
  assert.equal(rewriting.explains(item('report.docx', 'v1'), item('report.docx', 'v2', clock.now())), true);
});

test('the second change, a late one, and one of another kind of file are somebody else', () => {
  const clock = new FakeClock();
  const rewriting = new ServerRewriting(clock);
  rewriting.uploaded(item('report.docx', 'v1'));
  rewriting.explains(item('report.docx', 'v1'), item('report.docx', 'v2'));
  assert.equal(rewriting.explains(item('report.docx', 'v2'), item('report.docx', 'v3')), false);

  rewriting.uploaded(item('late.docx', 'v1', clock.now()));
  clock.advance(120_000);
  assert.equal(rewriting.explains(item('late.docx', 'v1'), item('late.docx', 'v2', clock.now())), false);

  rewriting.uploaded(item('data.bin', 'v1', clock.now()));
  assert.equal(rewriting.explains(item('data.bin', 'v1'), item('data.bin', 'v2', clock.now())), false);
});

test('a change that was noticed late but happened soon after the upload is the server', () => {
  const clock = new FakeClock();
  const rewriting = new ServerRewriting(clock);
  const uploadedAt = clock.now();
  rewriting.uploaded(item('report.pdf', 'v1', uploadedAt));
  clock.advance(600_000);
  const before = item('report.pdf', 'v1', uploadedAt);
  assert.equal(rewriting.explains(before, item('report.pdf', 'v2', uploadedAt + 2000)), true);
});

test('to learn more of the uploaded version than the answer told is no change, and the server may rewrite it yet', () => {
  const clock = new FakeClock();
  const rewriting = new ServerRewriting(clock);
  const uploaded = item('report.docx', 'v1', clock.now());
  rewriting.uploaded(uploaded);
  assert.equal(rewriting.explains(uploaded, { ...uploaded, createdMs: 1 }), false);
  assert.equal(rewriting.explains(uploaded, item('report.docx', 'v2', clock.now())), true);
});

test('a change that made the file smaller, or much larger, is somebody else', () => {
  const clock = new FakeClock();
  const rewriting = new ServerRewriting(clock);
  for (const [size, isRewriting] of [
    [9_999, false],
    [10_000, true],
    [12_000, true],
    [200_000, false],
  ] as const) {
    const before = { ...item('report.docx', 'v1', clock.now()), size: 10_000 };
    rewriting.uploaded(before);
    assert.equal(
      rewriting.explains(before, { ...before, version: 'v2', size }),
      isRewriting,
      `${size} bytes`,
    );
  }
});
