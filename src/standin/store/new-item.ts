/** How items begin. */
import type { Content } from './content.js';
import type { FileItem, FolderItem } from './item.js';

export interface Times {
  readonly createdMs?: number;
  readonly modifiedMs?: number;
}

export interface Birth {
  readonly number: number;
  readonly name: string;
  /** Where silent, the present. */
  readonly times: Times;
  readonly nowMs: number;
}

export function newFolder(birth: Birth): FolderItem {
  return { kind: 'folder', ...base(birth), children: new Map() };
}

export function newFile(birth: Birth, content: Content): FileItem {
  return { kind: 'file', ...base(birth), content };
}

function base({ number, name, times, nowMs }: Birth) {
  return {
    number,
    name,
    parent: null,
    version: 1,
    createdMs: times.createdMs ?? nowMs,
    modifiedMs: times.modifiedMs ?? nowMs,
    extra: undefined,
  };
}
