/** The stand-in held against curl under the service's own names, over TLS, HTTP/1.1 and HTTP/2. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REAL_MY, REAL_SITE, RealNames, realNamesMissing } from '../support/real-names.js';

const skip = realNamesMissing('curl');
const LIBRARY = `${REAL_SITE}/Documents`;

for (const version of ['--http1.1', '--http2']) {
  test(`curl ${version} puts, gets a range, lists and removes`, { skip, timeout: 30_000 }, async (t) => {
    const names = await RealNames.start(t);
    const header = join(names.folder, 'header');
    writeFileSync(header, `Cookie: ${names.standin.control.cookies()}\n`, { mode: 0o600 });
    const curl = async (...words: string[]) => {
      const { code, out, err } = await names.run('curl', ['-sS', version, '-H', `@${header}`, ...words]);
      assert.equal(code, 0, err);
      return out;
    };
    const status = ['-o', '/dev/null', '-w', '%{http_code}'];
    const file = join(names.folder, 'alphabet');
    writeFileSync(file, 'abcdefghijklmnopqrstuvwxyz');
    assert.equal(await curl(...status, '-T', file, `${LIBRARY}/a%20b`), '201');
    assert.equal(await curl('-r', '2-9', `${LIBRARY}/a%20b`), 'cdefghij');
    assert.equal(await curl(...status, '-X', 'MKCOL', `${LIBRARY}/dir/`), '201');
    const listing = await curl('-X', 'PROPFIND', '-H', 'Depth: 1', `${LIBRARY}/`);
    assert.match(
      listing,
      new RegExp(`<D:href>https://${REAL_MY}/personal/user_contoso_com/Documents/a%20b</D:href>`),
    );
    assert.equal(await curl(...status, '-X', 'DELETE', `${LIBRARY}/a%20b`), '204');
    assert.deepEqual(names.standin.control.bugs, []);
  });
}

test('curl without a session is refused as an Office program would be', {
  skip,
  timeout: 30_000,
}, async (t) => {
  const names = await RealNames.start(t);
  const { out } = await names.run('curl', ['-si', '--http1.1', '-X', 'PROPFIND', `${LIBRARY}/`]);
  assert.match(out, /^HTTP\/1\.1 403 /);
  assert.match(out, /^X-Forms_Based_Auth_Required: https:\/\/contoso-my\.sharepoint\.com\/_forms\//im);
  assert.match(out, /^X-MSDAVEXT_Error: 917656; /im);
});
