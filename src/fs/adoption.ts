/**
 * The server has a payload: its file goes from the spool into the content cache, which would empty it once it needs the
 * room. Who has it open goes on reading it, under whatever item its bytes are by now.
 */
import type { DriveItem } from '../drive/index.js';
import type { Ino } from '../spool/index.js';
import type { FileSystem } from './file-system.js';
import type { OpenFile } from './open-file.js';

export class Adoption {
  readonly #fs: FileSystem;
  /** Files that are open, by the new node that has their bytes since a conflict, until that has been sent. */
  readonly #openOfCopy = new Map<Ino, OpenFile>();

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** The bytes of `ino` are a node of their own from now on. */
  copied(ino: Ino, copy: Ino): void {
    for (const [known, { isClosed }] of this.#openOfCopy) if (isClosed) this.#openOfCopy.delete(known);
    const open = this.#fs.inodes.byIno(ino)?.open;
    if (open != null && copy !== ino) this.#openOfCopy.set(copy, open);
  }

  /** `file` holds the content of `item`, of `size` bytes, that `ino` owed. */
  async take(ino: Ino, item: DriveItem, file: string, size: number): Promise<void> {
    const { spool, content, inodes, arrivals } = this.#fs;
    const owed = spool.owed(ino)?.content;
    const original = this.#openOfCopy.get(ino);
    this.#openOfCopy.delete(ino);
    if (!owed) return content.adopt(item.id, item.version, file, size);
    const key = `update ${owed.generation}`;
    const inode = inodes.byIno(ino);
    if (inode?.pagesKey === key) inode.pagesKey = item.version;
    const own = inode?.open?.pagesKey === key ? inode.open : null;
    const other = original?.pagesKey === key ? original : null;
    if (own !== null) own.storedAs = item.version;
    const adopted =
      own === null && other === null
        ? content.adopt(item.id, item.version, file, size)
        : content.adoptOpen(item.id, item.version, file, size).then(async (taken) => {
            const isBoth = own !== null && other !== null;
            other?.adoptedByCopy(key, isBoth ? content.open(item.id, item.version, size) : taken);
            await own?.adopted(key, taken);
          });
    arrivals.begin(ino, owed.generation, adopted);
    await adopted;
  }
}
