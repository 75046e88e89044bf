import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { lineOf, removeAccount, setAccountKeys } from '../../../src/daemon/toml-edit.js';

/** The parser's tables have no prototype; deepEqual minds. */
function parse(text: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(parseToml(text)));
}

const TEXT = `# my drives

[accounts.work]   # the office
site = "https://a.example/"
uploads = 4 # not more
# a thought at the end

# about the next one
[accounts.home]
site = "https://b.example/"
`;

test('a changed key keeps its place, its comment and everything around it', () => {
  const edited = setAccountKeys(TEXT, 'work', { uploads: 8 });
  assert.equal(edited, TEXT.replace('uploads = 4 # not more', 'uploads = 8 # not more'));
});

test('a new key goes to the end of its own table', () => {
  const edited = setAccountKeys(TEXT, 'work', { tenant: 'x' });
  assert.deepEqual(parse(edited).accounts, {
    work: { site: 'https://a.example/', uploads: 4, tenant: 'x' },
    home: { site: 'https://b.example/' },
  });
  assert.equal(edited.replace('tenant = "x"\n', ''), TEXT);
});

test('a new account goes to the end of the file, also of an empty one', () => {
  assert.equal(setAccountKeys('', 'a', { site: 's' }), '[accounts.a]\nsite = "s"\n');
  const edited = setAccountKeys(TEXT, 'third', { site: 's' });
  assert.equal(edited, `${TEXT}\n[accounts.third]\nsite = "s"\n`);
});

test('null takes a key away', () => {
  const edited = setAccountKeys(TEXT, 'work', { uploads: null });
  assert.equal(edited, TEXT.replace('uploads = 4 # not more\n', ''));
});

test('a removed account takes nothing of its neighbour along', () => {
  const edited = removeAccount(TEXT, 'work');
  assert.deepEqual(parse(edited), { accounts: { home: { site: 'https://b.example/' } } });
  assert.match(edited, /# my drives/);
  assert.match(edited, /# about the next one\n\[accounts\.home\]/);
  assert.equal(removeAccount(edited, 'work'), edited);
});

test('lines are counted from one', () => {
  assert.equal(lineOf(TEXT, 'work', 'uploads'), 5);
  assert.equal(lineOf(TEXT, 'work', 'absent'), 3);
  assert.equal(lineOf(TEXT, 'nobody', 'site'), null);
});

test('whatever is set can be read back, and the other account never changes', () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
  const edits = fc.array(
    fc.record({
      account: fc.constantFrom('work', 'new.one', 'home'),
      key: fc.constantFrom('site', 'tenant', 'uploads'),
      value: fc.option(value),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(edits, (list) => {
      let text = TEXT;
      const expected = parse(TEXT).accounts as Record<string, Record<string, unknown>>;
      for (const { account, key, value } of list) {
        text = setAccountKeys(text, account, { [key]: value });
        expected[account] ??= {};
        if (value === null) delete expected[account][key];
        else expected[account][key] = value;
      }
      assert.deepEqual(parse(text).accounts, expected);
    }),
    { numRuns: 200 },
  );
});
