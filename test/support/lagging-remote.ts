/** A server whose front ends show what was there before, for a while after a request that changed it. */
import { replayedBody } from '../../src/sharepoint/http/body.js';
import type { HttpRequest } from '../../src/sharepoint/http/transport.js';
import { RecentWrites } from '../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../src/sharepoint/verbs/remote.js';
import { sharePointDialect } from '../../src/sharepoint/verbs/sharepoint-dialect.js';
import { Spellings } from '../../src/sharepoint/verbs/spellings.js';
import { FakeClock } from './fake-clock.js';

export interface Lagging {
  /** What changes what is there, and the answer to it. */
  readonly method: string;
  readonly status: number;
  readonly lagMs: number;
  /** Ids. */
  readonly before: string;
  readonly after: string;
  /** Of either, as WebDAV tells it. */
  readonly href: string;
  readonly property: string;
}

/** The id of what `change` made. */
export async function idMadeBy(
  { method, status, lagMs, before, after, href, property }: Lagging,
  change: (remote: Remote) => Promise<{ readonly id: string }>,
): Promise<string> {
  const clock = new FakeClock();
  const send = async (request: HttpRequest) => {
    const shown = clock.monotonic() < lagMs ? before : after;
    const found = `<D:multistatus xmlns:D="DAV:"><D:response><D:href>${href}</D:href><D:propstat><D:prop>
      ${property}<D:getetag>"{${shown}},1"</D:getetag>
      </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`;
    const [code, text] = request.method === method ? [status, ''] : [207, found];
    const body = replayedBody([Buffer.from(text)]);
    return { status: code, headers: {}, setCookies: [], body, afterDoubt: false };
  };
  const locations = {
    fileUrl: (path: string) => new URL(`https://h${path}`),
    folderUrl: (path: string) => new URL(`https://h${path}/`),
  };
  const remote = {
    locations,
    recent: new RecentWrites(clock),
    spellings: new Spellings(),
    dav: { send },
    clock,
    moved: null,
    dialect: sharePointDialect,
  };
  let isOver = false;
  const changing = change(remote as unknown as Remote).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.run(50);
  return (await changing).id;
}
