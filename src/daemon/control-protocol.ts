/**
 * What a command says to the daemon of an account, over its socket: one request as a line of JSON, then lines of
 * progress and one last line. Closing the connection cancels what is under way.
 */
import { z } from 'zod';
import { FAILURE_KINDS, type FailureKind } from './failure.js';
import type { AccountStatus, UploadStatus } from './status.js';

/** A request longer than this is not one of ours. */
export const LONGEST_REQUEST_BYTES = 1024 * 1024;

const paths = z.array(z.string()).max(10_000);

export const REQUEST_SCHEMA = z.discriminatedUnion('command', [
  z.object({ command: z.literal('status') }),
  /** Waits until nothing below the paths is owed; absolute paths, none: everything. */
  z.object({ command: z.literal('flush'), paths, timeoutMs: z.number().nonnegative() }),
  /** Unmounts, waits for what is owed, ends the daemon. */
  z.object({ command: z.literal('stop'), timeoutMs: z.number().nonnegative() }),
  z.object({ command: z.enum(['pin', 'unpin', 'evict']), paths }),
  /** Somebody signed in again: take the new secrets from the store. */
  z.object({ command: z.literal('reload') }),
  z.object({ command: z.literal('cookies') }),
]);

export type ControlRequest = z.infer<typeof REQUEST_SCHEMA>;
export type ControlCommand = ControlRequest['command'];

/** The last word on each command. */
export interface ControlReplies {
  status: AccountStatus;
  flush: null;
  /** The process ends after this. */
  stop: { readonly stillOwed: UploadStatus; readonly pid: number };
  pin: null;
  unpin: null;
  evict: null;
  reload: null;
  cookies: string;
}

export type ControlLine =
  | { readonly progress: UploadStatus }
  | { readonly done: unknown }
  | { readonly failed: { readonly kind: FailureKind; readonly message: string } };

export const LINE_SCHEMA = z.union([
  z.object({ progress: z.custom<UploadStatus>((value) => typeof value === 'object' && value !== null) }),
  z.object({ failed: z.object({ kind: z.enum(FAILURE_KINDS as [FailureKind]), message: z.string() }) }),
  z.object({ done: z.unknown() }),
]);
