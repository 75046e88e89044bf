/** System calls that Node has no name for, made by python3 in the given folder; its answer is the JSON that it prints. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const PRELUDE = `
import ctypes, errno, fcntl, json, mmap, os, signal, stat, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def attempt(work):
    try: return work()
    except OSError as error: return errno.errorcode[error.errno]
def renameat2(old, new, flags):
    if libc.renameat2(-100, old.encode(), -100, new.encode(), flags) == 0: return 'ok'
    return errno.errorcode[ctypes.get_errno()]
def fallocate(fd, mode, offset, length):
    if libc.fallocate(fd, mode, ctypes.c_long(offset), ctypes.c_long(length)) == 0: return 'ok'
    return errno.errorcode[ctypes.get_errno()]
def content(path): return open(path, 'rb').read().decode('latin1')
def make(path, text): open(path, 'w').write(text)
`;

export async function runPython(folder: string, script: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('python3', ['-c', PRELUDE + script], {
    cwd: folder,
    timeout: 50_000,
  });
  return JSON.parse(stdout);
}
