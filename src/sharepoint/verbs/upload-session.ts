/** The chunked upload that is under way, as the caller keeps it over restarts. */
import type { DrivePath, UploadSession, Version } from '../../drive/index.js';

export interface OpenUpload {
  readonly uploadId: string;
  /** What is to be there in the end; null in sessions of an earlier make. */
  readonly path: DrivePath | null;
  /** Where a new file grows; null when an existing file is being replaced. */
  readonly partial: DrivePath | null;
  /** What the target was when the upload began. */
  readonly baseline: Version;
  readonly offset: number;
}

export function writtenSession({ uploadId, path, partial, baseline, offset }: OpenUpload): UploadSession {
  const growsAs = partial === null ? {} : { growsAs: nameOf(partial) };
  return { id: JSON.stringify({ uploadId, path, partial, baseline }), offset, ...growsAs };
}

/** Null when there is none, or one of another making. */
export function readSession(session: UploadSession | undefined): OpenUpload | null {
  if (session === undefined) return null;
  let parts: Record<string, unknown>;
  try {
    parts = JSON.parse(session.id) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { uploadId, path = null, partial, baseline } = parts;
  const isOurs =
    typeof uploadId === 'string' &&
    /^[0-9a-f-]{36}$/i.test(uploadId) &&
    typeof baseline === 'string' &&
    (path === null || typeof path === 'string') &&
    (partial === null || typeof partial === 'string');
  if (!isOurs) return null;
  const [pathNow, partialNow] = [nowAt(path, session), nowAt(partial, session)];
  return { uploadId, path: pathNow, partial: partialNow, baseline, offset: session.offset };
}

function nowAt(path: DrivePath | null, { folder }: UploadSession): DrivePath | null {
  if (path === null || folder === undefined) return path;
  return `${folder === '/' ? '' : folder}/${nameOf(path)}`;
}

function nameOf(path: DrivePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
