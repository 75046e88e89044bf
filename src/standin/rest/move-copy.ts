/** `SP.MoveCopyUtil` (protocol notes 3.2): absolute decoded URLs in the body; folders never overwrite. */
import type { Item } from '../store/item.js';
import type { Segment } from './odata-path.js';
import { itemAt, type Placed } from './resource.js';
import type { RestCall } from './rest-call.js';
import { badQuery } from './rest-error.js';
import { scalarAnswer } from './shapes.js';

interface MoveOrder {
  readonly item: Item;
  readonly to: readonly string[];
  readonly overwrite: boolean;
  readonly retainsTimes: boolean;
}

/** `MoveFileByPath`, `MoveFolderByPath`, `CopyFileByPath`, `CopyFolderByPath`. */
export function moveCopy(what: 'move' | 'copy', kind: 'file' | 'folder') {
  return async (call: RestCall, segment: Segment): Promise<void> => {
    await perform(call, what, await orderOf(call, segment, kind));
    await call.reply(scalarAnswer(call.shape, segment.name.replace(/^.*\./, ''), null, call.metadataUrl));
  };
}

/** `file/moveTo(newurl='…',flags=1)` and `moveToUsingPath(decodedurl='…',moveOperations=1)`. */
export function moveItemTo(what: 'move' | 'copy') {
  return async (call: RestCall, at: Placed, segment: Segment): Promise<void> => {
    const item = itemAt(call, at);
    const path =
      segment.named.decodedurl ?? segment.named.newurl ?? segment.named.strnewurl ?? segment.positional[0];
    if (typeof path !== 'string') throw badQuery('The target is missing.');
    const flags = Number(segment.named.flags ?? segment.named.moveoperations ?? 0);
    const overwrite = (flags & 1) === 1 || segment.named.boverwrite === true;
    await perform(call, what, { item, to: call.namesAt(path), overwrite, retainsTimes: true });
    await call.reply(scalarAnswer(call.shape, segment.name, null, call.metadataUrl));
  };
}

async function perform(call: RestCall, what: 'move' | 'copy', order: MoveOrder): Promise<void> {
  const { item, to, overwrite } = order;
  if (what === 'copy') {
    call.library.copy(item, to, { overwrite });
    return;
  }
  call.library.move(item, to, { overwrite });
  if (!order.retainsTimes) call.site.store.touch(item, { modifiedMs: call.world.clock.now() }, false);
}

async function orderOf(call: RestCall, segment: Segment, kind: 'file' | 'folder'): Promise<MoveOrder> {
  const body = await call.json();
  const from = pathIn(body, 'srcPath', 'srcUrl');
  const item = itemAt(call, { kind, names: call.namesAt(from) });
  const options = (body.options ?? {}) as Readonly<Record<string, unknown>>;
  const to = call.namesAt(pathIn(body, 'destPath', 'destUrl'));
  return {
    item,
    to: options.KeepBoth === true ? free(call, to) : to,
    overwrite: kind === 'file' && segment.named.overwrite === true,
    retainsTimes: options.RetainEditorAndModifiedOnMove === true,
  };
}

function pathIn(body: Readonly<Record<string, unknown>>, pathName: string, urlName: string): string {
  const path = body[pathName] as { readonly DecodedUrl?: unknown } | undefined;
  const value = path?.DecodedUrl ?? body[urlName];
  if (typeof value !== 'string') throw badQuery(`The parameter ${pathName} is missing.`);
  return value;
}

function free(call: RestCall, names: readonly string[]): readonly string[] {
  const name = names.at(-1) ?? '';
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
  for (let count = 0; ; count++) {
    const tried = count === 0 ? name : `${name.slice(0, dot)} ${count}${name.slice(dot)}`;
    const place = [...names.slice(0, -1), tried];
    if (call.site.store.find(place) === undefined) return place;
  }
}
