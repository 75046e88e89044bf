/** How many a folder holds, as it tells itself: one small answer instead of the listing once more. */
import type { DrivePath, RequestOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { Remote } from './remote.js';
import { field, jsonOf, numberIn, type RestClient } from './rest-client.js';

/** Null where the server does not say. */
export async function childCount(
  remote: Remote,
  rest: RestClient,
  path: DrivePath,
  options: RequestOptions,
): Promise<number | null> {
  const values = { folder: remote.locations.serverPath(path) };
  const call = { path: 'web/GetFolderByServerRelativePath(decodedurl={folder})', values };
  const response = await rest.get({ ...call, query: '$select=ItemCount' }, options);
  if (response.status === 200) return numberIn(field(await jsonOf(response), 'ItemCount'));
  discard(response);
  return null;
}
