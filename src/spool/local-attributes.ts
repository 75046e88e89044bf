/** The server may rewrite our upload: this size is shown while the item has version `forVersion`. */
export interface Written {
  readonly size: number;
  readonly forVersion: string;
  /** When it was sent, for as long as the server's next version may be its own doing. */
  readonly sentAtMs?: number;
}

/** What was set here and the server can't keep; by node, over restarts and server-side renames. */
export interface LocalAttributes {
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  /** Valid while the server's modification time equals it in whole seconds, or the item was last written here. */
  readonly modified: { readonly seconds: number; readonly nanoseconds: number } | null;
  readonly accessed: { readonly seconds: number; readonly nanoseconds: number } | null;
  readonly changed: { readonly seconds: number; readonly nanoseconds: number } | null;
  readonly born: { readonly seconds: number; readonly nanoseconds: number } | null;
  /** Set: this node is a symbolic link (a small file on the server). */
  readonly symlinkTarget: string | null;
  readonly written: Written | null;
  readonly pinned: boolean;
  /** Small `user.*` attributes: name to value. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}
