/** A world whose server has one folder, `/d`, of files `f0`, `f1` and so on, all of them known. */
import { FileSystemWorld } from './file-system-world.js';

export async function openLargeFolderWorld(files: number): Promise<FileSystemWorld> {
  const world = await FileSystemWorld.open({ sendsAtOnce: true });
  world.drive.server.makeFolder('/d');
  for (let file = 0; file < files; file += 1) world.drive.server.write(`/d/f${file}`, 'x');
  await world.caughtUp();
  return world;
}
