/**
 * stress-ng looks for all mounts of the machine: it keeps them open, and has every open in them wait for its leave. Here it
 * sees none of FUSE's but the one that it is to try, so that tests beside it can unmount theirs.
 */

/** `$0`: the mount that stays; the rest is what is run. Quotes of the one kind only: it is quoted in the other itself. */
const SCRIPT = `awk "\\$3 ~ /^fuse/ { print \\$2 }" /proc/self/mounts | while read -r place; do
  test "$place" = "$0" || umount -l "$place" || true
done
exec "$@"`;

/** The words of a command that runs `command` like that. Who is not root can't, and runs it as it is. */
export function besideNoMount(
  mountpoint: string,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (process.getuid?.() !== 0) return command;
  return ['unshare', '--mount', 'sh', '-c', SCRIPT, mountpoint, ...command];
}
