/**
 * Which test files are begun first: what takes long and is begun late is what everybody waits for in the end. What is not
 * listed takes a few seconds, and comes in the order of the folders.
 */
export const LONGEST = [
  'mount/acceptance-sign-in',
  'mount/tools-stress',
  'mount/acceptance-options',
  'mount/acceptance-crash',
  'mount/tools-rsync',
  'mount/sign-in-matrix',
  'mount/acceptance-others',
  'mount/cli-mount',
  'fault/spool-kill',
  'mount/cli-owed',
  'mount/cli-secrets',
  'mount/acceptance-real-names',
  'mount/tools-files',
  'mount/tools-backup',
  'mount/acceptance-refused',
  'mount/bridge-sanitized',
  'mount/cli-sign-in',
  'mount/cli-unattended',
  'mount/acceptance-bad-line',
  'mount/bridge-calls',
  'mount/tools-everyday',
  'mount/bridge-workloads',
  'mount/tools-git',
  'mount/acceptance-offline',
  'mount/acceptance-throttled',
  'mount/acceptance-foreground',
  'mount/acceptance-faults',
  'mount/acceptance-names',
  'mount/tools-lagging-server',
  'model/file-system',
  'mount/small-cache',
  'model/cache-tree',
  'contract/addon-targets',
  'mount/bridge-hostile',
  'mount/bridge-life',
  'mount/bridge-system-calls',
  'mount/bridge-extremes',
  'contract/drive-large-folder',
  'contract/cli-command-line',
  'mount/copy-file-range',
  'mount/cli-demo',
  'mount/cli-service',
  'fault/full-disk',
  'fault/drive-faults',
];

/** Of compiled files. */
export function longestFirst(files) {
  const place = (file) => {
    const at = LONGEST.findIndex((name) => file.endsWith(`/${name}.test.js`));
    return at < 0 ? LONGEST.length : at;
  };
  return files.toSorted((one, other) => place(one) - place(other));
}
