import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpsServer } from '../../../support/https-server.js';
import { missingPrograms } from '../../../support/programs.js';

test('a certificate that nobody vouches for: the reason is said, and what to do about it', {
  skip: missingPrograms('openssl'),
}, async () => {
  const server = await startHttpsServer();
  try {
    const reached = await server.reach();
    assert.match(reached.ok ? '' : reached.reason, /certificate is not trusted: add .* SSL_CERT_FILE/);
    await assert.rejects(server.ask(), /certificate is not trusted/);
    await assert.rejects(server.logIn(), /cannot reach localhost:\d+: its certificate is not trusted/);
  } finally {
    await server.close();
  }
});
