import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compoundStreams } from '../../../src/spool/compound-streams.js';
import { isRewritingOf } from '../../../src/spool/is-rewriting-of.js';
import { zipParts } from '../../../src/spool/zip-parts.js';
import { compoundFile } from '../../support/compound-file.js';
import { archive } from '../../support/zip-archive.js';

const DOCUMENT = {
  '[Content_Types].xml': 1,
  '_rels/.rels': 2,
  'word/document.xml': 3,
  'word/_rels/document.xml.rels': 4,
  'docProps/core.xml': 5,
};

test('the parts of an archive are told by its directory', () => {
  assert.deepEqual([...(zipParts(archive(DOCUMENT, 'a comment')) ?? [])], Object.entries(DOCUMENT));
  const whole = archive(DOCUMENT);
  for (const length of [0, 1, 21, whole.length - 1]) assert.equal(zipParts(whole.subarray(0, length)), null);
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0xff;
    zipParts(damaged);
  }
});

test('of an archive of which the end alone is known, too', () => {
  const whole = archive(DOCUMENT, 'a comment', 1000);
  for (const startsAt of [0, 900, 1000]) {
    const found = zipParts(whole.subarray(startsAt), startsAt);
    assert.deepEqual([...(found ?? [])], Object.entries(DOCUMENT), `from ${startsAt}`);
  }
  assert.equal(zipParts(whole.subarray(whole.length - 100), whole.length - 100), null);
});

test('an Office document with other properties is rewritten, one with another text is edited', () => {
  const ours = archive(DOCUMENT);
  const properties = { 'docProps/core.xml': 50, 'customXml/item1.xml': 6, '[Content_Types].xml': 10 };
  assert.equal(isRewritingOf(ours, archive({ ...DOCUMENT, ...properties })), true);
  assert.equal(isRewritingOf(ours, archive({ ...DOCUMENT, ...properties, 'word/document.xml': 30 })), false);
  assert.equal(isRewritingOf(ours, archive({ ...DOCUMENT, 'word/media/image1.png': 7 })), false);
  const { 'word/document.xml': _, ...rest } = DOCUMENT;
  assert.equal(isRewritingOf(ours, archive(rest)), false);
  assert.equal(isRewritingOf(ours, Buffer.from('another kind of file')), false);
});

test('what has ours in it, in one piece or in two, is rewritten', () => {
  const ours = Buffer.from('first\nsecond\n'.repeat(20_000));
  for (const at of [0, 1, 70_000, ours.length]) {
    const theirs = Buffer.concat([ours.subarray(0, at), Buffer.from('more'), ours.subarray(at)]);
    assert.equal(isRewritingOf(ours, theirs), true, `at ${at}`);
  }
  assert.equal(isRewritingOf(ours, ours), true);
});

test('a page with lines of the server between ours is rewritten, one that lacks some is edited', () => {
  const ours = Buffer.from('<html>\n<head>\n</head>\n<body>\n</body>\n</html>');
  const rewritten =
    '<html xmlns:mso="x">\r\n<html>\r\n<head>\n<meta>\n</head>\n<body>\n</body>\n<!-- mso -->\n</html>';
  assert.equal(isRewritingOf(ours, Buffer.from(rewritten)), true);
  assert.equal(isRewritingOf(ours, Buffer.from(rewritten.replace('<body>', '<body class="new">'))), false);
});

const OLDER = {
  WordDocument: 'w'.repeat(5000),
  '1Table': 't'.repeat(100),
  'ObjectPool/_1/\u0005Ole': 'embedded',
  '\u0005SummaryInformation': 's'.repeat(300),
};

test('the streams of a compound file are told', () => {
  const whole = compoundFile(OLDER);
  const found = compoundStreams(whole)!;
  assert.deepEqual(Object.fromEntries([...found].map(([path, bytes]) => [path, String(bytes)])), OLDER);
  assert.equal(compoundStreams(whole.subarray(0, 600)), null);
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0xff;
    compoundStreams(damaged);
  }
});

test('an older Office document with other properties is rewritten, one with another text is edited', () => {
  const ours = compoundFile(OLDER);
  const rewritten = {
    ...OLDER,
    '\u0005SummaryInformation': 's'.repeat(5000),
    '\u0005DocumentSummaryInformation': 'd',
    'MsoDataStore/x/Item': 'i',
  };
  assert.equal(isRewritingOf(ours, compoundFile(rewritten)), true);
  for (const path of ['WordDocument', '1Table', 'ObjectPool/_1/\u0005Ole', 'more'])
    assert.equal(isRewritingOf(ours, compoundFile({ ...rewritten, [path]: 'another' })), false, path);
  assert.equal(isRewritingOf(ours, Buffer.from('another kind of file')), false);
});

test('a PDF to which pages, or something on them, were appended is edited', () => {
  const ours = Buffer.from('%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n');
  const after = (more: string) => Buffer.concat([ours, Buffer.from(more)]);
  assert.equal(isRewritingOf(ours, after('1 0 obj <</Type /Page /Annots [7 0 R]>> endobj\n%%EOF')), false);
  assert.equal(isRewritingOf(ours, after('7 0 obj <</Type/Annot/Subtype/Ink>> endobj\n%%EOF')), false);
  assert.equal(isRewritingOf(ours, after('9 0 obj <</Title (t)>> endobj 2 0 obj <</Type /Pages>>')), null);
});

test('of what only the server understands nothing can be told', () => {
  assert.equal(isRewritingOf(Buffer.from('%PDF-1.4 one'), Buffer.from('%PDF-1.7 two')), null);
  const mail = (text: string) =>
    compoundFile({ '__properties_version1.0': 'p', '__substg1.0_1000001F': text });
  assert.equal(isRewritingOf(mail('one'), mail('two')), null);
});
