/** `$batch` bodies (protocol notes 3.6): operations written as multipart, and the answers taken out of one. */

export interface BatchOperation {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** JSON; null for GET. */
  readonly body: string | null;
}

export interface BatchAnswer {
  readonly status: number;
  readonly text: string;
}

/** Writes go in one changeset, which the server works off before the reads that follow. `id`: a GUID. */
export function writeBatch(
  writes: readonly BatchOperation[],
  reads: readonly BatchOperation[],
  id: string,
): string {
  const lines: string[] = [`--batch_${id}`, `Content-Type: multipart/mixed; boundary="changeset_${id}"`, ''];
  for (const operation of writes) lines.push(`--changeset_${id}`, ...part(operation));
  lines.push(`--changeset_${id}--`, '');
  for (const operation of reads) lines.push(`--batch_${id}`, ...part(operation));
  lines.push(`--batch_${id}--`, '');
  return lines.join('\r\n');
}

function part({ method, url, body }: BatchOperation): string[] {
  const head = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `${method} ${url.href} HTTP/1.1`,
    'Accept: application/json;odata=nometadata',
  ];
  if (body === null) return [...head, '', ''];
  return [...head, 'Content-Type: application/json;odata=nometadata', '', body, ''];
}

/**
 * The answers in the order of the operations, whether or not the server keeps the changeset as a nested part. Fewer
 * than asked means that the server gave up in the middle.
 */
export function parseBatch(text: string): BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  const starts = [...text.matchAll(/^HTTP\/[\d.]+ (\d{3})[^\r\n]*\r?$/gm)];
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1]?.index ?? text.length;
    answers.push({ status: Number(start[1]), text: bodyOf(text.slice(start.index + start[0].length, end)) });
  }
  return answers;
}

/** Between the empty line behind the headers and the next boundary. */
function bodyOf(section: string): string {
  const empty = /\r?\n\r?\n/.exec(section);
  if (empty === null) return '';
  const body = section.slice(empty.index + empty[0].length);
  const boundary = /(^|\r?\n)--(batch|changeset|[\w-]*response)[\w-]*/i.exec(body);
  return (boundary === null ? body : body.slice(0, boundary.index)).trim();
}
