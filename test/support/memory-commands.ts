/** What a test may tell the process that holds the in-memory file system. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '../../src/base/index.js';
import type { KernelSession } from '../../src/fuse/index.js';
import type { MemoryFileSystem } from './memory-file-system.js';
import type { MemoryNode } from './memory-node.js';

export interface CommandInput {
  readonly line: string;
  readonly fs: MemoryFileSystem;
  readonly session: KernelSession;
  readonly metrics: Metrics;
}

const loopDelay = monitorEventLoopDelay({ resolution: 1 });

/** `["statistics"]`, `["remote-write", "/a", "text"]`, `["remote-remove", "/a"]`, `["rebind", "/a", "served"]` ... */
export async function answerCommand({ line, fs, session, metrics }: CommandInput): Promise<unknown> {
  const [command, path = '/', value = ''] = JSON.parse(line) as [string, string?, string?];
  switch (command) {
    case 'statistics':
      return statistics(fs, session, metrics);
    case 'watch-loop':
      loopDelay.enable();
      loopDelay.reset();
      return {};
    case 'loop-delay':
      return { maxMs: loopDelay.max / 1e6 };
    case 'remote-write':
      return remoteWrite(fs, path, value);
    case 'store':
      fs.kernel.storeData(nodeAt(fs, path).id, 0, Buffer.from(value));
      return {};
    case 'forget-data':
      fs.kernel.invalidateNode(nodeAt(fs, path).id);
      return {};
    case 'remote-remove':
      return remoteRemove(fs, path);
    case 'rebind':
      return rebind(fs, path, value);
    case 'unmount':
      return session.unmount({ lazy: value === 'lazy' }).then(
        () => ({ unmounted: true }),
        (error: Error & { code?: string }) => ({ unmounted: false, code: error.code }),
      );
    default:
      return { error: `no command ${command}` };
  }
}

function statistics(fs: MemoryFileSystem, session: KernelSession, metrics: Metrics): unknown {
  let lookups = 0;
  for (const node of fs.nodes.values()) lookups += node.lookups;
  return {
    ...session.statistics,
    lookups,
    nodes: fs.nodes.size,
    handles: fs.handles.size + fs.directories.size,
    bugs: metrics.get('bugs'),
    rssBytes: process.memoryUsage.rss(),
    descriptors: readdirSync('/proc/self/fd').length,
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  };
}

export function nodeAt(fs: MemoryFileSystem, path: string): MemoryNode {
  let node = fs.root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const child = node.children.get(name);
    if (child === undefined) throw new Error(`nothing at ${path}`);
    node = child;
  }
  return node;
}

/** As if somebody else had changed the file. */
async function remoteWrite(fs: MemoryFileSystem, path: string, text: string): Promise<unknown> {
  const { writeSync } = await import('node:fs');
  const slash = path.lastIndexOf('/');
  const parent = nodeAt(fs, path.slice(0, slash));
  const name = path.slice(slash + 1);
  const node = parent.children.get(name) ?? fs.make(parent, name, 'file', { mode: 0o644, uid: 0, gid: 0 });
  node.truncate(0);
  writeSync(node.fileDescriptor, text, 0);
  node.size = Buffer.byteLength(text);
  node.touch();
  fs.kernel.invalidateNode(node.id);
  fs.kernel.invalidateEntry(parent.id, name);
  return {};
}

function remoteRemove(fs: MemoryFileSystem, path: string): unknown {
  const node = nodeAt(fs, path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  fs.kernel.notifyDelete(node.parent.id, node.id, name);
  fs.detach(node.parent, name);
  return {};
}

async function rebind(fs: MemoryFileSystem, path: string, to: string): Promise<unknown> {
  const node = nodeAt(fs, path);
  const handles = [...fs.handles].filter(([, open]) => open.node === node).map(([handle]) => handle);
  for (const handle of handles) await fs.kernel.rebind(handle, to === 'served' ? null : node.fileDescriptor);
  // What is known of its size by then, when nothing else has come since.
  return { rebound: handles.length, size: node.size };
}
