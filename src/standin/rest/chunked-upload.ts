/** StartUpload, ContinueUpload, FinishUpload, CancelUpload, GetUploadStatus (protocol notes 3.3). */
import { TooManyBytes } from '../store/content-vault.js';
import { fileEntity, timeText } from './entities.js';
import { numberArgument, type Segment, textArgument } from './odata-path.js';
import type { Placed } from './resource.js';
import type { RestCall } from './rest-call.js';
import { fileNotFound, RestError, tooBig } from './rest-error.js';
import { complexAnswer, entityAnswer, scalarAnswer } from './shapes.js';
import type { UploadSession, UploadSessions } from './upload-sessions.js';

export type UploadOperation = (
  call: RestCall,
  at: Placed,
  segment: Segment,
  sessions: UploadSessions,
) => Promise<void>;

/** `madeFile` when the call that led here created a stub for it. */
export function startUpload(madeFile: boolean): UploadOperation {
  return async (call, at, segment, sessions) => {
    if (call.site.store.find(at.names)?.kind !== 'file') throw fileNotFound();
    call.library.checkPut(at.names, {});
    const session = await sessions.start(
      call.site.path,
      textArgument(segment, 'uploadid'),
      at.names,
      madeFile,
    );
    const offset = await append(call, session, sessions, () => {});
    await call.reply(scalarAnswer(call.shape, segment.name, String(offset), call.metadataUrl));
  };
}

export const continueUpload: UploadOperation = async (call, at, segment, sessions) => {
  const session = sessionFor(call, at, segment, sessions);
  const offset = await append(call, session, sessions, () => checkOffset(call, session, segment));
  await call.reply(scalarAnswer(call.shape, segment.name, String(offset), call.metadataUrl));
};

export const finishUpload: UploadOperation = async (call, at, segment, sessions) => {
  const session = sessionFor(call, at, segment, sessions);
  await append(call, session, sessions, () => checkOffset(call, session, segment));
  call.library.checkPut(at.names, {}, session.parts.size);
  const content = await sessions.finish(call.site.path, session);
  const { file } = call.library.putFile(at.names, content, {});
  await call.reply(entityAnswer(call.shape, fileEntity(call, file)));
};

export const cancelUpload: UploadOperation = async (call, at, segment, sessions) => {
  const session = sessionFor(call, at, segment, sessions);
  await sessions.end(call.site.path, session.id);
  const file = call.site.store.find(at.names);
  if (session.madeFile && file !== undefined) call.library.remove(file, {});
  await call.reply(scalarAnswer(call.shape, segment.name, null, call.metadataUrl));
};

export const uploadStatus: UploadOperation = async (call, at, segment, sessions) => {
  const session = sessionFor(call, at, segment, sessions);
  const members = {
    ExpectedContentRange: `bytes ${session.parts.size}-`,
    ExpirationDateTime: timeText(session.expiresMs),
    UploadId: session.id,
  };
  await call.reply(complexAnswer(call.shape, segment.name, members));
};

function sessionFor(call: RestCall, at: Placed, segment: Segment, sessions: UploadSessions): UploadSession {
  const session = sessions.get(call.site.path, textArgument(segment, 'uploadid'));
  if (session.names.join('/').toLowerCase() !== at.names.join('/').toLowerCase()) throw fileNotFound();
  return session;
}

function checkOffset(call: RestCall, session: UploadSession, segment: Segment): void {
  const offset = numberArgument(segment, 'fileoffset');
  if (offset === session.parts.size) return;
  throw new RestError(
    call.world.switches.uploadOffsetStatus,
    '-2130575133, Microsoft.SharePoint.SPException',
    `The fileOffset ${offset} is not the expected offset ${session.parts.size}.`,
  );
}

async function append(
  call: RestCall,
  session: UploadSession,
  sessions: UploadSessions,
  check: () => void,
): Promise<number> {
  const limit = call.world.switches.restMaxBytes;
  try {
    return await sessions.append(session, call.request.body, limit, check);
  } catch (error) {
    if (error instanceof TooManyBytes) throw tooBig(limit);
    throw error;
  }
}
