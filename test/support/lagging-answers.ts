/** Front ends that lag behind the change log, for a tree bench (protocol notes 5.2.6). */
import { DriveError, type DriveItem } from '../../src/drive/index.js';
import type { TreeBench } from './cache-tree.js';

/** From now on direct answers are what they would be now, and the log is not. Returns what ends that. */
export function lagging({ drive }: TreeBench): () => void {
  const items = new Map(drive.server.all().map((node) => [node.path, drive.server.item(node)]));
  const { stat, list } = drive;
  const seen = (path: string): DriveItem => {
    const item = items.get(path);
    if (item === undefined) throw new DriveError('absent', `${path} is not seen yet`);
    return item;
  };
  drive.stat = async (path) => seen(path);
  drive.list = async function* (path) {
    const top = path === '/' ? '/' : `${path}/`;
    const isIn = (at: string) => at !== path && at.startsWith(top) && !at.slice(top.length).includes('/');
    yield { folder: seen(path), items: [...items].filter(([at]) => isIn(at)).map(([, item]) => item) };
  };
  return () => Object.assign(drive, { stat, list });
}

/** With time passing for whoever waits. */
export async function withTime<Result>(bench: TreeBench, waiting: Result | Promise<Result>): Promise<Result> {
  let isOver = false;
  const over = Promise.resolve(waiting).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await bench.idle();
    await bench.clock.run(50);
  }
  return over;
}
