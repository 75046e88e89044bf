import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD, type Standin } from '../../../src/standin/index.js';
import { LOGIN, MY, SignInClient, standinFor, USER } from '../../support/standin-sign-in.js';

const BASE = `http://${LOGIN}/common/oauth2/v2.0`;
const client_id = '11111111-2222-4333-8444-555555555555';
const scope = `https://${MY}/.default offline_access`;

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly expires_in: number;
  readonly interval: number;
  readonly message: string;
}

async function start(client: SignInClient): Promise<Device> {
  const got = await client.send(`${BASE}/devicecode`, { form: { client_id, scope } });
  assert.equal(got.status, 200);
  return JSON.parse(got.text) as Device;
}

/** The error of a poll, or null when it brought tokens. */
async function poll(client: SignInClient, device_code: string): Promise<string | null> {
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const got = await client.send(`${BASE}/token`, { form: { grant_type, client_id, device_code } });
  const body = JSON.parse(got.text);
  if (got.status === 200) assert.ok(body.access_token && body.refresh_token);
  return got.status === 200 ? null : body.error;
}

async function enterCode(standin: Standin, device: Device) {
  const person = new SignInClient(standin);
  const start = await person.send(device.verification_uri);
  let page = await person.submit(start, { otc: device.user_code.toLowerCase() });
  page = await person.submit(page, { loginfmt: USER });
  page = await person.submit(page, { passwd: STANDIN_PASSWORD });
  page = await person.submit(page, { LoginOptions: '3' });
  return { person, page };
}

test('T1.13 a device code: pending, slow_down, then granted, then gone', async (t) => {
  const standin = await standinFor(t);
  standin.control.clock.freeze();
  const client = new SignInClient(standin);
  const device = await start(client);
  assert.deepEqual([device.expires_in, device.interval], [900, 5]);
  assert.ok(device.message.includes(device.user_code) && device.message.includes(device.verification_uri));
  assert.equal(await poll(client, device.device_code), 'authorization_pending');
  assert.equal(await poll(client, device.device_code), 'slow_down');
  standin.control.clock.advance(5_000);
  assert.equal(await poll(client, device.device_code), 'slow_down', 'five seconds were added');
  standin.control.clock.advance(15_000);
  assert.equal(await poll(client, device.device_code), 'authorization_pending');
  const { person, page } = await enterCode(standin, device);
  assert.match(page.text, /Are you trying to sign in to/);
  const done = await person.submit(page, { answer: 'continue' });
  assert.match(done.text, /You have signed in/);
  standin.control.clock.advance(15_000);
  assert.equal(await poll(client, device.device_code), null);
  assert.equal(await poll(client, device.device_code), 'bad_verification_code');
});

test('T1.13 a device code that is declined, too old, or unknown', async (t) => {
  const standin = await standinFor(t, { switches: { deviceIntervalSeconds: 0 } });
  const client = new SignInClient(standin);
  const declined = await start(client);
  const { person, page } = await enterCode(standin, declined);
  await person.submit(page, { answer: 'cancel' });
  assert.equal(await poll(client, declined.device_code), 'authorization_declined');
  const old = await start(client);
  standin.control.clock.advance(901_000);
  assert.equal(await poll(client, old.device_code), 'expired_token');
  assert.equal(await poll(client, 'nonsense'), 'bad_verification_code');
  const late = await new SignInClient(standin).send(old.verification_uri, { form: { otc: old.user_code } });
  assert.match(late.text, /id="codeError"/);
});

test('T1.13 where an admin has to approve, the device waits in vain', async (t) => {
  const standin = await standinFor(t, { switches: { deviceIntervalSeconds: 0, adminApproval: true } });
  const client = new SignInClient(standin);
  const device = await start(client);
  const { page } = await enterCode(standin, device);
  assert.match(page.text, /AADSTS90094/);
  assert.equal(await poll(client, device.device_code), 'authorization_pending');
});
