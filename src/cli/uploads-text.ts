import { formatByteSize, type UploadStatus } from '../daemon/index.js';

/** `3 uploads (1.2 MiB) still to be sent, 2 under way`. */
export function uploadsText({ owed, active, bytesOwed }: UploadStatus): string {
  const plural = owed === 1 ? '' : 's';
  return `${owed} upload${plural} (${formatByteSize(bytesOwed)}) still to be sent, ${active} under way`;
}
