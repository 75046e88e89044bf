/** The program at a desk under the service's own names: with a terminal, a desktop's programs, and all that it leaves. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { eventually, expectDone } from './cli-account.js';
import { CliHome, MAIN, type Outcome } from './cli-run.js';
import { temporaryFolder } from './daemon-fakes.js';
import { lastFirst } from './last-first.js';
import { REAL_SITE, RealNames } from './real-names.js';
import { handedOut, leaks, ProcessWatch } from './secrets-watch.js';

/** A person is at a browser meanwhile. */
const RUN_LIMIT_SECONDS = 240;

export class SignInDesk {
  readonly names: RealNames;
  readonly home: CliHome;
  /** Nobody else's password is the same: what tests beside this one show of theirs is no leak of ours. */
  readonly person: { readonly upn: string; readonly password: string };
  readonly #processes: ProcessWatch;
  readonly #serverFolder: string;
  readonly #run: (script: string, limitSeconds: number) => Promise<Outcome>;

  private constructor(parts: {
    readonly names: RealNames;
    readonly home: CliHome;
    readonly person: SignInDesk['person'];
    readonly run: SignInDesk['run'];
    readonly processes: ProcessWatch;
    readonly serverFolder: string;
  }) {
    this.names = parts.names;
    this.home = parts.home;
    this.person = parts.person;
    this.#run = parts.run;
    this.#processes = parts.processes;
    this.#serverFolder = parts.serverFolder;
  }

  static async open(
    t: TestContext,
    switches: Parameters<typeof RealNames.start>[1] = {},
  ): Promise<SignInDesk> {
    const home = new CliHome(t);
    const serverFolder = temporaryFolder(t);
    const names = await RealNames.start(t, switches, serverFolder);
    const person = { upn: 'user@contoso.com', password: `${STANDIN_PASSWORD} ${randomUUID()}` };
    names.standin.control.setUser(person.upn, { password: person.password });
    const room = await names.enter(t);
    const bin = join(home.folder, 'bin');
    mkdirSync(bin);
    const env = {
      ...home.env,
      M: join(home.folder, 'drive'),
      H: home.folder,
      PATH: `${bin}:${process.env.PATH}`,
      ODBFS: `${process.execPath} ${MAIN}`,
      SITE: REAL_SITE,
    };
    writeFileSync(join(home.folder, 'password'), `${person.password}\n`, { mode: 0o600 });
    const run = (script: string, limitSeconds = RUN_LIMIT_SECONDS) =>
      room(['bash', '-euo', 'pipefail', '-c', script], env, limitSeconds);
    lastFirst(t, () => run('$ODBFS unmount --now "$M" || true'));
    return new SignInDesk({ names, home, person, run, processes: new ProcessWatch(t), serverFolder });
  }

  /** Puts a program of ours before those of the machine. */
  program(name: string, script: string): void {
    const path = join(this.home.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  run(script: string, limitSeconds = RUN_LIMIT_SECONDS): Promise<Outcome> {
    return this.#run(script, limitSeconds);
  }

  /** What a file holds as soon as it matches. */
  async said(name: string, pattern: RegExp): Promise<RegExpExecArray> {
    const path = join(this.home.folder, name);
    const match = () => (existsSync(path) ? pattern.exec(readFileSync(path, 'utf8')) : null);
    await eventually(async () => match() !== null, 30_000);
    return match()!;
  }

  /** Mounted, used over the end of a session, given to curl, and signed out of. */
  async assertWorks(): Promise<void> {
    const { control } = this.names.standin;
    expectDone(
      await this.run('$ODBFS mount contoso "$M" -o log=trace; echo one > "$M/one.txt"; $ODBFS flush "$M"'),
    );
    control.expire('cookies');
    expectDone(await this.run('echo two > "$M/two.txt"; $ODBFS flush "$M"; cat "$M/one.txt"'));
    assert.equal((await control.drive().read('two.txt')).toString(), 'two\n');
    expectDone(await this.run('$ODBFS login --check --account contoso'));
    // By way of a pipe: arguments are public.
    const page = await this.run(
      '$ODBFS cookies | sed "s/^/Cookie: /" | curl -sSf -H @- "$SITE/Documents/one.txt"',
    );
    assert.deepEqual([page.out, page.code], ['one\n', 0], page.err);
    expectDone(await this.run('$ODBFS unmount "$M"'));
    this.#assertSecretsKept();
    expectDone(await this.run('$ODBFS logout'));
    assert.equal((await this.run('$ODBFS login --check --account contoso')).code, 3);
    const left = readdirSync(join(this.home.folder, 'state', 'odbfs', 'contoso'));
    assert.deepEqual(
      left.filter((name) => name.startsWith('sign-in')),
      [],
    );
    assert.deepEqual(control.bugs, []);
    assert.equal(control.signIns.count('password-wrong'), 0);
  }

  /** Every secret that the server knows of, in every file of ours, and in all that processes showed. */
  #assertSecretsKept(): void {
    const secrets = [this.person.password, ...handedOut(this.#serverFolder)];
    assert.ok(secrets.length > 2);
    const places = {
      folder: this.home.folder,
      except: /\/(password|export\.json)$/,
      processes: this.#processes,
    };
    assert.deepEqual(leaks(secrets, places), []);
  }
}
