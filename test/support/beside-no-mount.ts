/**
 * Programs in a mount namespace of their own, where no FUSE mount is to be seen but the one that they are to try. A copy of
 * another test's mount would keep that one from ending as long as the namespace lives; and stress-ng looks for all mounts
 * there are, keeps them open, and has every open in them wait for its leave.
 */

/**
 * Shell, without quotes of the single kind: takes every FUSE mount out of this namespace, but `$kept`. Without the helpers
 * of file systems (`-i`): davfs2's waits for its daemon, which serves others elsewhere, and says so on standard output.
 */
export const WITHOUT_FUSE = `cat /proc/self/mounts | while read -r _ place type _; do
  case "$type" in fuse | fuse.*) test "$place" = "$kept" || umount -i -l "$place" 2> /dev/null || true ;; esac
done`;

/** The words of a command that runs `command` like that. Who is not root can't, and runs it as it is. */
export function besideNoMount(
  mountpoint: string,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (process.getuid?.() !== 0) return command;
  return ['unshare', '--mount', 'sh', '-c', `kept=$0; ${WITHOUT_FUSE}; exec "$@"`, mountpoint, ...command];
}
