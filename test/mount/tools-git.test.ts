/** git works in the mount: init, add, commit, branch, merge, gc, fsck, clone in and out. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const onDrive = sharedDrive();

const LIMIT = { skip: missingPrograms('git'), timeout: 150_000 };
const GIT = `export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t GIT_CONFIG_GLOBAL=/dev/null
  export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' GIT_CONFIG_KEY_1=init.defaultBranch GIT_CONFIG_VALUE_1=main;`;

onDrive('a repository lives in the mount', LIMIT, async (drive) => {
  await drive.shell(`${GIT}
    git init -q repo; cd repo; for n in $(seq 40); do echo "file $n" > f$n; done; mkdir sub; echo '#!/bin/sh' > sub/x; chmod +x sub/x
    git add .; git commit -qm one; git checkout -qb side; echo side >> f1; git commit -qam side; git checkout -q main
    echo main >> f2; git commit -qam main; git merge -q --no-edit side; test -z "$(git status --porcelain)"
    git stash list; git rm -q f3; git commit -qm gone; git gc -q; git fsck --strict; git log --oneline | wc -l`);
  await drive.remount();
  await drive.shell(`${GIT} cd repo; git fsck --strict; test -z "$(git status --porcelain)"; test -x sub/x
    git clone -q . "$L/out"; diff -r --exclude .git . "$L/out"`);
});

onDrive('clones into the mount are whole', LIMIT, async (drive) => {
  await drive.shell(`${GIT} git init -q "$L/origin"; cd "$L/origin"; for n in $(seq 100); do head -c 2000 /dev/urandom > f$n; done
    git add .; git commit -qm all; cd "$M"; git clone -q "file://$L/origin" clone; cd clone; git fsck --strict; git status --porcelain`);
  await drive.remount();
  assert.equal(
    (await drive.shell(`${GIT} cd clone; git fsck --strict 2>&1; git status --porcelain`)).trim(),
    '',
  );
});
