/** The addon built with AddressSanitizer and UBSan, for processes that tests start. */
import { execFileSync } from 'node:child_process';
import { isAbsolute, join } from 'node:path';

const BUILD = join(import.meta.dirname, '../../..', 'native-build', 'build.mjs');
/** Node itself is not built with them, so they must be there before it. */
const RUNTIMES = ['libasan.so', 'libubsan.so'];

/** Empty where the C compiler has no sanitizers. */
export function sanitizedEnvironment(): Readonly<Record<string, string>> {
  const runtimes = RUNTIMES.map(runtime);
  if (runtimes.includes(null)) return {};
  return {
    LD_PRELOAD: runtimes.join(':'),
    // What V8 keeps until it ends is no leak of ours.
    ASAN_OPTIONS: 'detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
    ODBFS_FUSE_ADDON: execFileSync(process.execPath, [BUILD, '--sanitize'], { encoding: 'utf8' }).trim(),
  };
}

function runtime(name: string): string | null {
  try {
    const path = execFileSync('cc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
    return isAbsolute(path) ? path : null;
  } catch {
    return null;
  }
}
