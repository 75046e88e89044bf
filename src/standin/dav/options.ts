import type { DavCall } from './dav-call.js';

/** OPTIONS as captured from the classic server (protocol notes 2.1). */
export function options(call: DavCall): Promise<void> {
  return call.reply({
    status: 200,
    headers: {
      Allow:
        'GET, POST, OPTIONS, HEAD, MKCOL, PUT, PROPFIND, PROPPATCH, DELETE, MOVE, COPY, GETLIB, LOCK, UNLOCK',
      DAV: '1,2',
      'MS-Author-Via': 'MS-FP/4.0,DAV',
      'X-MSDAVEXT': '1',
      'X-MSFSSHTTP': '1.5',
      DocumentManagementServer: 'Properties Schema;Source Control;Version History;',
      'Public-Extension': 'http://schemas.microsoft.com/repl-2',
      'Accept-Ranges': 'none',
      'Cache-Control': 'no-cache',
    },
  });
}
