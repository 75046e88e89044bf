import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigFile } from '../../../src/daemon/config-file.js';
import { pathsFrom } from '../../../src/daemon/paths.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

function configured(context: TestContext, text?: string): { config: ConfigFile; file: string } {
  const folder = temporaryFolder(context);
  const paths = pathsFrom({ env: { XDG_CONFIG_HOME: folder }, home: folder, uid: 0, temporary: folder });
  mkdirSync(dirname(paths.configFile), { recursive: true });
  if (text !== undefined) writeFileSync(paths.configFile, text);
  return { config: new ConfigFile(paths), file: paths.configFile };
}

const usage = (message: RegExp) => (error: unknown) => {
  assert.equal((error as { kind?: string }).kind, 'usage');
  assert.match((error as Error).message, message);
  assert.doesNotMatch((error as Error).message, /\n/);
  return true;
};

test('without a file there are no accounts', (context) => {
  assert.deepEqual(configured(context).config.accounts(), []);
});

test('accounts come in the order of the file, with defaults for what is not said', (context) => {
  const { config } = configured(
    context,
    `[accounts.work]
site = "https://contoso-my.sharepoint.com/personal/u_contoso_com"
mountpoint = "~/Work"
cache_size = "2G"
uploads = 3
ro = true
umask = 0o027
[accounts.home]
site = "https://b.sharepoint.com/sites/x"
`,
  );
  const [work, home] = config.accounts();
  assert.equal(work?.mountpoint, join(homedir(), 'Work'));
  assert.equal(work?.options.cacheLimitBytes, 2 * 1024 ** 3);
  assert.equal(work?.options.parallelUploads, 3);
  assert.equal(work?.options.readOnly, true);
  assert.equal(work?.options.umask, 0o027);
  assert.equal(home?.name, 'home');
  assert.equal(home?.method, 'auto');
  assert.equal(home?.options.parallelUploads, 10);
});

test('messages name the file, the line and the key', (context) => {
  const wrong = (text: string) => configured(context, text).config;
  const site = 'site = "https://a.example/"';
  assert.throws(
    () => wrong(`[accounts.a]\n${site}\nuploads = "many"\n`).accounts(),
    usage(/toml, line 3: uploads must be/),
  );
  assert.throws(
    () => wrong(`[accounts.a]\n${site}\n\nuplods = 3\n`).accounts(),
    usage(/line 4: unknown key "uplods"/),
  );
  assert.throws(() => wrong('[accounts.a]\nro = true\n').accounts(), usage(/line 1: account a has no site/));
  assert.throws(
    () => wrong('[accounts.a]\nsite = "nonsense"\n').accounts(),
    usage(/line 2: site must be the URL/),
  );
  assert.throws(() => wrong('[accounts.a\n').accounts(), usage(/line 1:/));
  assert.throws(() => wrong('[acounts.a]\n').accounts(), usage(/unknown key "acounts"/));
  assert.throws(() => wrong(`[accounts."../x"]\n${site}\n`).accounts(), usage(/can't be the name/));
});

test('what is set is read back, and the file is nobody else’s', (context) => {
  const { config, file } = configured(context, '# mine\n');
  config.set('contoso', { site: 'https://a.example/', method: 'device', tenant: null });
  assert.equal(config.accounts()[0]?.method, 'device');
  assert.match(readFileSync(file, 'utf8'), /^# mine\n/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  config.remove('contoso');
  assert.deepEqual(config.accounts(), []);
});

test('a file written in another way is not edited but explained', (context) => {
  const text = 'accounts.a.site = "https://a.example/"\n';
  const { config, file } = configured(context, text);
  assert.equal(config.accounts()[0]?.site, 'https://a.example/');
  assert.throws(() => config.set('a', { site: 'https://b.example/' }), usage(/config\.toml/));
  assert.throws(() => config.remove('a'), usage(/by hand/));
  assert.equal(readFileSync(file, 'utf8'), text);
});
