/**
 * Mount options as people write them: after `-o`, where everything is text, or as keys of an account in config.toml,
 * where numbers and booleans may be themselves. Both become `MountOptions`.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseByteSize } from './byte-size.js';
import type { MountOptions } from './config.js';
import { Failure } from './failure.js';

const LARGEST_ID = 0xffff_fffe;
const MOST_PARALLEL = 64;

const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0', 'yes', 'no'])], {
  error: 'must be true or false',
});
const toFlag = flag.transform(
  (value) => value === true || value === 'true' || value === '1' || value === 'yes',
);

function whole(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/, { error }).transform(Number)], { error })
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, { error });
}

const bytes = z
  .union([z.number(), z.string()], { error: 'must be a size such as 500M or 20G' })
  .transform((value, context) => {
    const size = typeof value === 'number' ? value : parseByteSize(value);
    if (size !== null && Number.isSafeInteger(size) && size >= 0) return size;
    context.addIssue('must be a size such as 500M or 20G');
    return z.NEVER;
  });

/** 0: no limit. */
const rate = bytes.transform((value) => (value === 0 ? null : value));
const folder = z.string().refine(isAbsolute, { error: 'must be an absolute path' });
/** Text is octal as in the shell; a number is what TOML made of 0o022. */
const octal = z.union([z.string(), z.number()]).transform((value, context) => {
  const isText = typeof value === 'string';
  const mask = isText ? Number.parseInt(/^(?:0o)?([0-7]{1,4})$/.exec(value)?.[1] ?? '', 8) : value;
  if (Number.isInteger(mask) && mask >= 0 && mask <= 0o777) return mask;
  context.addIssue('must be octal, such as 022 (in config.toml: "022" or 0o022)');
  return z.NEVER;
});

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** Name in `-o` and config.toml: what it takes, and which member of `MountOptions` it sets. */
const OPTIONS = {
  ro: { schema: toFlag, sets: 'readOnly' },
  allow_other: { schema: toFlag, sets: 'allowOther' },
  uid: { schema: whole(0, LARGEST_ID), sets: 'uid' },
  gid: { schema: whole(0, LARGEST_ID), sets: 'gid' },
  umask: { schema: octal, sets: 'umask' },
  actimeo: { schema: whole(0, 86_400), sets: 'attributeLifetimeSeconds' },
  poll: { schema: whole(1, 86_400), sets: 'pollSeconds' },
  fsync: { schema: oneOf('local', 'remote'), sets: 'fsync' },
  cache_size: { schema: bytes, sets: 'cacheLimitBytes' },
  cache_dir: { schema: folder, sets: 'cacheFolder' },
  state_dir: { schema: folder, sets: 'stateFolder' },
  uploads: { schema: whole(1, MOST_PARALLEL), sets: 'parallelUploads' },
  downloads: { schema: whole(1, MOST_PARALLEL), sets: 'parallelDownloads' },
  bwlimit_up: { schema: rate, sets: 'uploadBytesPerSecond' },
  bwlimit_down: { schema: rate, sets: 'downloadBytesPerSecond' },
  chunk_threshold: { schema: bytes, sets: 'chunkThresholdBytes' },
  offline: { schema: toFlag, sets: 'offline' },
  nonempty: { schema: toFlag, sets: 'nonempty' },
  blocks: { schema: oneOf('real', 'cached'), sets: 'blocks' },
  bridge: { schema: oneOf('auto', 'native', 'fuse-native'), sets: 'bridge' },
  log: { schema: oneOf('error', 'warn', 'info', 'debug', 'trace'), sets: 'logLevel' },
} as const satisfies Record<string, { schema: z.ZodType; sets: keyof MountOptions }>;

export type OptionName = keyof typeof OPTIONS;

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** One option's value; `where` opens the message when it makes no sense. */
export function parseOption(name: OptionName, value: unknown, where: string): Partial<MountOptions> {
  const { schema, sets } = OPTIONS[name];
  const result = schema.safeParse(value);
  if (result.success) return { [sets]: result.data };
  throw new Failure('usage', `${where}: ${name} ${result.error.issues[0]?.message ?? 'is not understood'}`);
}

/** `ro,cache_size=2G,...`, as after `-o`. A flag alone is true; `rw` is the opposite of `ro`. */
export function parseMountOptions(text: string): Partial<MountOptions> {
  const words = text.split(',').filter((word) => word !== '');
  return Object.assign({}, ...words.map(parseWord));
}

function parseWord(word: string): Partial<MountOptions> {
  if (word === 'rw') return { readOnly: false };
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  if (!isOptionName(name)) {
    throw new Failure(
      'usage',
      `-o: there is no option "${name}"; there are ${Object.keys(OPTIONS).join(', ')}`,
    );
  }
  return parseOption(name, equals < 0 ? true : word.slice(equals + 1), '-o');
}
