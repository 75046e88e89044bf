import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpsServer } from '../../../support/https-server.js';
import { missingPrograms } from '../../../support/programs.js';

test('a certificate that only the system vouches for, as behind an inspecting proxy, is trusted', {
  skip: missingPrograms('openssl'),
}, async () => {
  const server = await startHttpsServer();
  const usual = process.env.SSL_CERT_FILE;
  process.env.SSL_CERT_FILE = server.certificateFile;
  try {
    assert.equal((await server.reach()).ok, true);
    assert.equal(await server.ask(), 200);
    assert.equal(await server.ask(), 200);
    assert.equal(await server.logIn(), 200);
  } finally {
    if (usual === undefined) delete process.env.SSL_CERT_FILE;
    else process.env.SSL_CERT_FILE = usual;
    await server.close();
  }
});
