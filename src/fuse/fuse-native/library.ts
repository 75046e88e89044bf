/** The parts of the package `fuse-native` that we use (it has no types), and loading it: it is optional. */

/** A negative errno or 0, then what the operation gives. */
export type Answer = (error: number, ...values: readonly unknown[]) => void;
export type PathOperations = Readonly<Record<string, (...words: never[]) => void>>;

export interface FuseNative {
  mount(done: (error: Error | null) => void): void;
  unmount(done: (error: Error | null) => void): void;
}

export interface FuseNativeClass {
  new (
    mountpoint: string,
    operations: PathOperations,
    options: Readonly<Record<string, unknown>>,
  ): FuseNative;
  /** By `fusermount -uz`; the package calls it before it lets go of the loop. */
  unmount(mountpoint: string, done: (error: Error | null) => void): void;
}

let isMended = false;

/** Rejects with one clear line when it is missing or does not load. */
export async function loadFuseNative(): Promise<FuseNativeClass> {
  const name = 'fuse-native';
  try {
    const { default: loaded } = (await import(name)) as { default: FuseNativeClass };
    return mended(loaded);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`the bridge fuse-native does not load: ${reason} (npm install fuse-native)`, {
      cause: error,
    });
  }
}

/**
 * When somebody else has unmounted already, the package's own unmounting fails, and then it leaves its handle on the loop,
 * so that the process never ends. Gone is gone: a lazy unmount fails for no other reason that would matter.
 */
function mended(Fuse: FuseNativeClass): FuseNativeClass {
  if (isMended) return Fuse;
  isMended = true;
  const { unmount } = Fuse;
  Fuse.unmount = (mountpoint, done) => unmount.call(Fuse, mountpoint, () => done(null));
  return Fuse;
}
