/** What `odbfs standin` tells the process that started it over IPC, once it listens. */
export interface StandinReady {
  readonly url: string;
}

export function isStandinReady(message: unknown): message is StandinReady {
  return (
    typeof message === 'object' && message !== null && 'url' in message && typeof message.url === 'string'
  );
}
