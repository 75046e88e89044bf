/** A `MemoryServer` that outlives its process: every change goes to a file, from which another process replays it. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type MemoryNode, MemoryServer } from './memory-server.js';

type Logged =
  | { readonly call: 'write'; readonly path: string; readonly content: string; readonly modifiedMs?: number }
  | { readonly call: 'makeFolder'; readonly path: string }
  | { readonly call: 'setModified'; readonly path: string; readonly modifiedMs: number }
  | { readonly call: 'remove'; readonly path: string }
  | { readonly call: 'move'; readonly path: string; readonly to: string };

export class LoggedServer extends MemoryServer {
  readonly #file: string;
  #depth = 0;

  constructor(file: string, now: () => number) {
    super({ now });
    this.#file = file;
    if (!existsSync(file)) return;
    this.#depth = 1;
    for (const line of readFileSync(file, 'utf8').split('\n'))
      if (line !== '') this.#replay(JSON.parse(line));
    this.#depth = 0;
  }

  override write(path: string, content: Uint8Array | string, modifiedMs?: number): MemoryNode {
    const text = typeof content === 'string' ? content : Buffer.from(content).toString();
    const logged = {
      call: 'write',
      path,
      content: text,
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
    } as const;
    return this.#logged(logged, () => super.write(path, content, modifiedMs));
  }

  override makeFolder(path: string): MemoryNode {
    return this.#logged({ call: 'makeFolder', path }, () => super.makeFolder(path));
  }

  override setModified(path: string, modifiedMs: number): MemoryNode {
    return this.#logged({ call: 'setModified', path, modifiedMs }, () => super.setModified(path, modifiedMs));
  }

  override remove(path: string): void {
    this.#logged({ call: 'remove', path }, () => super.remove(path));
  }

  override move(from: string, to: string): MemoryNode {
    return this.#logged({ call: 'move', path: from, to }, () => super.move(from, to));
  }

  #logged<Result>(logged: Logged, work: () => Result): Result {
    this.#depth += 1;
    try {
      const result = work();
      if (this.#depth === 1) appendFileSync(this.#file, `${JSON.stringify(logged)}\n`);
      return result;
    } finally {
      this.#depth -= 1;
    }
  }

  #replay(logged: Logged): void {
    switch (logged.call) {
      case 'write':
        this.write(logged.path, logged.content, logged.modifiedMs);
        break;
      case 'makeFolder':
        this.makeFolder(logged.path);
        break;
      case 'setModified':
        this.setModified(logged.path, logged.modifiedMs);
        break;
      case 'remove':
        this.remove(logged.path);
        break;
      case 'move':
        this.move(logged.path, logged.to);
    }
  }
}
