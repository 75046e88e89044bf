/** Backup programs keep their repositories in the mount, with their locks, checks and restores. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();

const MATERIAL = `mkdir -p "$L/src/sub"; for n in $(seq 30); do head -c 20000 /dev/urandom > "$L/src/sub/f$n"; done; head -c 2000000 /dev/urandom > "$L/src/big"; : > "$L/src/empty"`;

onDrive(
  'borg: init, create, lock, check, extract',
  {
    skip: missingPrograms('borg'),
    timeout: 150_000,
  },
  async (drive) => {
    const borg = `export BORG_BASE_DIR="$L/borg" BORG_PASSPHRASE=x BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes;`;
    await drive.shell(
      `${MATERIAL}; ${borg} borg init -e none "$M/repo"; cd "$L"; borg create "$M/repo::one" src; echo new > src/new; borg create "$M/repo::two" src`,
    );
    const locked = await drive.attempt(`${borg} borg with-lock "$M/repo" borg --lock-wait 1 list "$M/repo"`);
    assert.notEqual(locked.code, 0, 'a second borg must not get the lock');
    await drive.remount();
    await drive.shell(`${borg} borg check --verify-data "$M/repo"; mkdir "$L/out"; cd "$L/out"; borg extract "$M/repo::two"; diff -r "$L/src" src
    borg delete "$M/repo::one"; borg compact "$M/repo"; borg check "$M/repo"`);
  },
);

onDrive(
  'restic: init, backup, check, restore, forget and prune',
  {
    skip: missingPrograms('restic'),
    timeout: 150_000,
  },
  async (drive) => {
    const restic = `export RESTIC_PASSWORD=x RESTIC_CACHE_DIR="$L/cache" RESTIC_REPOSITORY="$M/restic";`;
    await drive.shell(
      `${MATERIAL}; ${restic} restic -q init; restic -q backup "$L/src"; echo new > "$L/src/new"; restic -q backup "$L/src"; restic -q check --read-data`,
    );
    await drive.remount();
    await drive.shell(`${restic} restic -q check --read-data; restic -q restore latest --target "$L/out"; diff -r "$L/src" "$L/out$L/src"
    restic -q forget --keep-last 1 --prune; restic -q check; test "$(restic -q snapshots --json | grep -o short_id | wc -l)" = 1`);
  },
);

onDrive(
  'duplicity: full, incremental, verify, restore',
  {
    skip: missingPrograms('duplicity'),
    timeout: 150_000,
  },
  async (drive) => {
    const duplicity = `duplicity --no-encryption --archive-dir "$L/archive" --volsize 1`;
    await drive.shell(
      `${MATERIAL}; mkdir d; ${duplicity} full "$L/src" "file://$M/d"; echo new > "$L/src/new"; ${duplicity} incr "$L/src" "file://$M/d"`,
    );
    await drive.remount();
    await drive.shell(`rm -rf "$L/archive"; ${duplicity} verify --compare-data "file://$M/d" "$L/src"; ${duplicity} restore "file://$M/d" "$L/out"; diff -r "$L/src" "$L/out"
    ${duplicity} cleanup --force "file://$M/d"; ${duplicity} collection-status "file://$M/d"`);
  },
);
