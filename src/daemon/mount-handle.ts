/** The mount as its daemon holds it. */
export interface MountHandle {
  /** Resolves when the kernel has no mount of ours any more, whoever ended it. */
  readonly ended: Promise<void>;
  /** False: busy, and still there. */
  unmount(): Promise<boolean>;
  /** Out of sight at once; programs that use it go on until the daemon closes. */
  unmountLazily(): Promise<void>;
}
