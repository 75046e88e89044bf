/**
 * System calls that Node has no name for, made by python3 in the given folder, or in a new one in it; its answer is the
 * JSON that it prints.
 */
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
os.chdir(sys.argv[1])
if len(sys.argv) > 2: os.mkdir(sys.argv[2]); os.chdir(sys.argv[2])
`;

export interface PythonOptions {
  /** Made first. */
  readonly within?: string;
  /** Runs as this user, who must be able to enter the folder. */
  readonly user?: number;
}

export async function runPython(
  folder: string,
  script: string,
  { within, user }: PythonOptions = {},
): Promise<unknown> {
  const words = ['-c', PRELUDE + script, folder, ...(within === undefined ? [] : [within])];
  const options = { cwd: '/', timeout: 200_000 };
  // Node changes the folder before the user, and its PATH may lead to what only we may run.
  const env = { ...process.env, PATH: `/usr/bin:/bin:${process.env.PATH}` };
  const as = user === undefined ? { env } : { uid: user, gid: user, env };
  const { stdout } = await promisify(execFile)('python3', words, { ...options, ...as });
  return JSON.parse(stdout);
}
