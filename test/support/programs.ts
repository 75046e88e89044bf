/** Programs of other people that a test may use where they are installed. */
import { spawnSync } from 'node:child_process';

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Why a test that needs these programs is skipped, or false. */
export function missingPrograms(...names: readonly string[]): string | false {
  const missing = names.filter((name) => !hasProgram(name));
  return missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
}
