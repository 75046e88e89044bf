/**
 * Cleaning up in the reverse order of setting up: a mount goes before the server that it asks, and both before the folder
 * that they are in. `context.after` alone runs its hooks first to last.
 */
type Clean = () => Promise<unknown> | unknown;
interface Context {
  after(clean: () => Promise<void> | void): void;
}

const stacks = new WeakMap<Context, Clean[]>();

/** All of them run, also when one fails; the first failure is the test's. */
export function lastFirst(context: Context, clean: Clean): void {
  const stack = stacks.get(context) ?? [];
  if (stack.length === 0) {
    stacks.set(context, stack);
    context.after(() => unwind(stack));
  }
  stack.push(clean);
}

async function unwind(stack: Clean[]): Promise<void> {
  const failures: unknown[] = [];
  for (let clean = stack.pop(); clean !== undefined; clean = stack.pop()) {
    try {
      await clean();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
