/** What the second bridge cannot do, by what differs in the suites, and no more than docs/decisions/0003-bridges.md says. */
export const CALLS_BEYOND_FUSE_NATIVE = [
  'attributes are set',
  'birth times stay',
  'open while it is renamed and removed',
];

export const SYSTEM_CALLS_BEYOND_FUSE_NATIVE = [
  'times to the nanosecond',
  'renameat2',
  'fallocate',
  'extended attributes',
  'names that are no text',
];
