/** Builds what a stand-in is made of, bottom up: tenant, users, their sites and the stores behind them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StandinClock } from './clock.js';
import { Directory, type NewUser } from './directory.js';
import { Hosts } from './hosts.js';
import { createRandomSource } from './random-source.js';
import type { StandinOptions } from './server.js';
import { createSignIn } from './sign-in/index.js';
import { type NewSite, Sites, stableGuid } from './sites.js';
import { ContentVault } from './store/content-vault.js';
import { DriveStore } from './store/drive-store.js';
import { StoreDatabase } from './store/store-database.js';
import { createSwitches, type Switches } from './switches.js';
import { Background, type World } from './world.js';

export function createWorld(options: StandinOptions): { world: World; close: () => void } {
  const tenant = options.tenant ?? 'contoso';
  const clock = new StandinClock();
  const switches = createSwitches(options.profile, options.switches);
  const directory = new Directory(options.users ?? usersOf(tenant));
  const hosts = new Hosts(tenant);
  const random = createRandomSource(options.seed);
  const tenantId = stableGuid(`tenant ${tenant}`);
  const vault = new ContentVault(options.stateDir === undefined ? null : join(options.stateDir, 'content'));
  const sites = new Sites((site, listId) =>
    openStore(options.stateDir, { clock, switches, vault }, site, listId),
  );
  const background = new Background();
  const shared = { clock, switches, directory, hosts, random, tenantId };
  if (options.stateDir !== undefined) mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const kept = options.stateDir === undefined ? {} : { stateDir: options.stateDir };
  const signIn = (options.createSignIn ?? createSignIn)({ ...shared, ...kept });
  for (const user of directory.users) sites.addPersonal(user, options.personalLibrary);
  sites.add({
    role: 'root',
    path: '/sites/team',
    title: 'Team',
    libraryName: 'Shared Documents',
    owner: null,
  });
  vault.sweep();
  const close = () => {
    background.stop();
    signIn.close();
    sites.close();
    vault.close();
  };
  return { world: { ...shared, vault, sites, signIn, background }, close };
}

function openStore(
  stateDir: string | undefined,
  parts: { clock: StandinClock; switches: Switches; vault: ContentVault },
  site: NewSite,
  listId: string,
): DriveStore {
  const { clock, switches, vault } = parts;
  const guidSeed = Number.parseInt(listId.slice(0, 8), 16);
  if (stateDir === undefined) return new DriveStore({ clock, switches, listId, guidSeed, database: null });
  const directory = join(stateDir, 'sites', site.path.slice(1).replace(/\//g, '~'));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new StoreDatabase(directory, (record) => vault.restore(record));
  return new DriveStore({ clock, switches, listId, guidSeed, database });
}

/** One ordinary user, one federated, and one for every way in which a sign-in can go wrong. */
function usersOf(tenant: string): NewUser[] {
  const domain = `${tenant}.com`;
  return [
    { upn: `user@${domain}`, displayName: 'Stand-in User' },
    { upn: `other@${domain}`, displayName: 'Other User' },
    { upn: `federated@${domain}`, realm: 'federated' },
    { upn: `mfa@${domain}`, fate: 'mfa' },
    { upn: `mfa-registration@${domain}`, fate: 'mfa-registration' },
    { upn: `blocked@${domain}`, fate: 'blocked' },
    { upn: `locked@${domain}`, fate: 'locked' },
    { upn: `unmanaged@${domain}`, fate: 'unmanaged' },
  ];
}
