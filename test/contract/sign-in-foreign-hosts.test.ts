/** A site that leads astray with every answer: no cookie and no token of ours is ever seen at another host. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Metrics, silentLog, systemClock } from '../../src/base/index.js';
import { openSession, signIn } from '../../src/sharepoint/auth/index.js';
import { createHttp, DEFAULT_HTTP } from '../../src/sharepoint/http/create-http.js';
import type { HttpRequest } from '../../src/sharepoint/http/transport.js';
import { NEVER_ABORTED, NO_KEYRING, Person, temporaryDir } from '../support/auth-place.js';

const SECRETS = /FedAuth|rtFa|ESTS|secret-of-the/i;
const COOKIES = 'FedAuth=secret-of-the-session; rtFa=secret-of-the-tenant';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serverAt(t: TestContext, host: string, answer: Answer): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => void server.close());
  t.after(() => server.closeAllConnections());
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** A site and a stranger; `lead` says how the site sends its visitors there. */
async function astray(t: TestContext, lead: (stranger: string, response: ServerResponse) => void) {
  const seen: string[] = [];
  const stranger = await serverAt(t, '127.0.0.2', (request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      seen.push(body);
      const page =
        '<form method="POST" action="/_forms/default.aspx"><input type="hidden" name="code" value="1"></form>';
      response.setHeader('content-type', 'text/html').end(page);
    });
  });
  let isLeading = false;
  const site = await serverAt(t, '127.0.0.1', (_request, response) => {
    if (isLeading) return lead(stranger, response);
    response.setHeader('content-type', 'application/json').end('{"Id":1}');
  });
  const options = {
    siteUrl: `${site}/personal/user_contoso_com`,
    stateDir: await temporaryDir(t),
    keyring: NO_KEYRING,
    environment: {},
  };
  await signIn({ method: 'cookies' }, new Person({ cookies: COOKIES }), options, NEVER_ABORTED);
  isLeading = true;
  const session = await openSession(options);
  t.after(() => session.close());
  return { site, seen, session };
}

const LEADS: Record<string, (stranger: string, response: ServerResponse) => void> = {
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `a redirect (${status})`,
      (stranger: string, response: ServerResponse) =>
        response.writeHead(status, { location: `${stranger}/personal/user_contoso_com/Documents/a` }).end(),
    ]),
  ),
  'a redirect that looks like a sign-in': (stranger, response) =>
    response.writeHead(302, { location: `${stranger}/_layouts/15/Authenticate.aspx` }).end(),
  'a refusal that names a sign-in elsewhere': (stranger, response) =>
    response
      .writeHead(403, {
        'x-forms_based_auth_required': `${stranger}/login`,
        'x-msdavext_error': '917656; Access+denied',
      })
      .end(),
  'a bearer challenge with addresses elsewhere': (stranger, response) =>
    response
      .writeHead(401, {
        'www-authenticate': `Bearer authorization_uri="${stranger}/authorize",cookie_uri="${stranger}/cookie"`,
      })
      .end(),
  'a page that posts itself elsewhere': (stranger, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        `<title>Sign in to your account</title><form method="POST" action="${stranger}/"><input type="hidden" name="code" value="1"></form>`,
      ),
  'cookies for another host': (_stranger, response) =>
    response.writeHead(200, { 'set-cookie': ['FedAuth=x; Domain=127.0.0.2', 'rtFa=y; Domain=.0.2'] }).end(),
};

for (const [what, lead] of Object.entries(LEADS)) {
  test(`${what} takes no secret along`, async (t) => {
    const { site, seen, session } = await astray(t, lead);
    const metrics = new Metrics();
    const http = createHttp({ ...DEFAULT_HTTP, clock: systemClock, log: silentLog, metrics });
    t.after(() => http.close());
    const base = new URL(`${site}/personal/user_contoso_com/`);
    const probe = new URL('_api/web/currentuser?$select=Id', base);
    const transport = http.signed(session, { base, session: probe, judge: () => 'genuine' });
    for (const method of ['GET', 'PROPFIND', 'PUT', 'MOVE']) {
      const url = new URL('Documents/a', base);
      await transport.send(request(method, url), NEVER_ABORTED).then(
        (answer) => answer.body.cancel(),
        () => undefined,
      );
    }
    await session.checkSession(NEVER_ABORTED).catch(() => undefined);
    assert.deepEqual(
      seen.filter((text) => SECRETS.test(text)),
      [],
    );
  });
}

function request(method: string, url: URL): HttpRequest {
  const body =
    method === 'PUT'
      ? {
          size: 3,
          open: async function* () {
            yield Buffer.from('abc');
          },
        }
      : null;
  return {
    method,
    url,
    headers: {},
    body,
    lane: 'interactive',
    repeat: 'unsent',
    silenceMs: 2_000,
    patienceMs: 3_000,
  };
}
