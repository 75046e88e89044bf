/** An account's status in one line, for systemctl and for people. */
import { formatByteSize } from './byte-size.js';
import type { AccountStatus } from './status.js';

export function statusLine(status: AccountStatus): string {
  return [authText(status), networkText(status), uploadsText(status)]
    .filter((text) => text !== '')
    .join('; ');
}

function authText({ name, auth }: AccountStatus): string {
  switch (auth.state) {
    case 'ok':
      return 'signed in';
    case 'renewing':
      return 'renewing the sign-in';
    case 'stale':
      return `the sign-in could not be renewed yet${reason(auth.message)}`;
    case 'signed-out':
      return `signed out: odbfs login --account ${name}${reason(auth.message)}`;
    case 'blocked':
      return `blocked by the server${reason(auth.message)}`;
  }
}

/** Without a daemon nobody asks the network. */
function networkText({ network, pid }: AccountStatus): string {
  return pid === null || network.state === 'online' ? '' : network.state;
}

function uploadsText({ uploads }: AccountStatus): string {
  const parts = [uploads.owed === 0 ? 'everything is on the server' : owedText(uploads)];
  if (uploads.refused > 0) parts.push(`${uploads.refused} refused`);
  if (uploads.conflicts > 0) parts.push(`${uploads.conflicts} conflicts`);
  if (uploads.obstacle !== undefined) parts.push(`tried again each minute: ${uploads.obstacle}`);
  return parts.join(', ');
}

function owedText({ owed, bytesOwed }: AccountStatus['uploads']): string {
  return `${owed} upload${owed === 1 ? '' : 's'} owed (${formatByteSize(bytesOwed)})`;
}

function reason(message: string | null): string {
  return message === null ? '' : ` (${message})`;
}
