/** The quick way to read a listing's XML says what the thorough one says, or nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDavEntries, parseDavEntry } from '../../../src/sharepoint/wire/multistatus.js';
import { plainXml } from '../../../src/sharepoint/wire/plain-xml.js';
import { parseXml } from '../../../src/sharepoint/wire/xml.js';

const OK = '<D:status>HTTP/1.1 200 OK</D:status>';
const record = (href: string, properties: string) =>
  `<D:response>\n <D:href>${href}</D:href><D:propstat><D:prop>${properties}</D:prop>${OK}</D:propstat>\n</D:response>`;
const FILE = record(
  'http://x/a%20&amp;amp; b.txt',
  '<lp1:resourcetype/><D:getetag>"&#123;A},1"</D:getetag><D:getcontentlength b:dt="int"> 12 </D:getcontentlength>',
);

const READ: readonly string[] = [
  FILE,
  '<a/>',
  '<a></a>',
  '<a>  </a>\n',
  '<a b="c" d:e="/">text</a >',
  '<a><b>1</b><b/><c:b>&lt;3&amp;lt;</c:b></a>',
  '<a>&#32;x&#x20;</a>',
  '<a> <b> <c>deep</c> </b> </a>',
  '<a>]]></a>',
  // blanks, but none of XML's
  '<a>\u00a0x\u3000</a>',
  '<a>\n x\ufeff\t</a>',
];

const LEFT: readonly string[] = [
  '',
  'text',
  '<a>',
  '<a></b>',
  '<x:a></y:a>',
  '<a/><b/>',
  '<a>text<b/></a>',
  '<a><b/>text</a>',
  '<a><b></b>text</a>',
  '<a><![CDATA[<b>]]></a>',
  '<a><!-- no --></a>',
  '<?xml version="1.0"?><a/>',
  '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
  "<a b='c'/>",
  '<a b="<"/>',
  '<a>1\r\n2</a>',
  '<\u00e4/>',
  '<__proto__>1</__proto__>',
  '<a><constructor>1</constructor></a>',
  '</a>',
  '<a/',
  `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`,
];

test('what is plain is read as the thorough way reads it', () => {
  for (const text of READ) assert.deepEqual(plainXml(text), parseXml(text), text);
});

test('what is not plain is left to the thorough way', () => {
  for (const text of LEFT) assert.equal(plainXml(text), null, text);
});

test('whatever is put together of tags and text is read alike, or left', () => {
  const pieces = [
    '<a>',
    '</a>',
    '<b:a>',
    '</b:a>',
    '<c/>',
    '<d e="f">',
    '</d>',
    ' ',
    'g',
    '&amp;',
    '&#65;',
    '\n',
  ];
  let read = 0;
  for (let seed = 1, round = 0; round < 50_000; round += 1) {
    let text = '<a>';
    for (let length = round % 8; length > 0; length -= 1) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      text += pieces[(seed >>> 16) % pieces.length];
    }
    text += '</a>';
    const plain = plainXml(text);
    if (plain === null) continue;
    read += 1;
    assert.deepEqual(plain, parseXml(text), text);
  }
  assert.ok(read > 1_000, `${read} were plain`);
});

test('what is blank at the end of a name, and no white space of XML, belongs to the name', () => {
  for (const href of ['/d/x\u00a0', '/d/x\u3000', '/d/x\ufeff', '/d/x\u2003']) {
    const text = record(`\n ${href}\t`, '<D:resourcetype/>');
    assert.equal(parseDavEntries([text])[0]?.href, href);
    assert.equal(parseDavEntry(`<!-- by the thorough way -->${text}`)?.href, href);
  }
});

test('entries are the same, be one of them plain or not', () => {
  const odd = record('http://x/<![CDATA[b & c]]>', '<D:getetag>"2"</D:getetag>');
  const each = [FILE, odd, FILE].map(parseDavEntry);
  assert.deepEqual(parseDavEntries([FILE, odd, FILE]), each);
  assert.deepEqual(parseDavEntries([FILE, FILE]), [each[0], each[0]]);
  assert.equal(each[0]?.href, 'http://x/a%20&amp; b.txt');
});
