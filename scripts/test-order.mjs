/**
 * Which test files are begun first: what takes long and is begun late is what everybody waits for in the end. What is not
 * listed takes a few seconds, and comes in the order of the folders.
 */
export const LONGEST = [];

/** Of compiled files. */
export function longestFirst(files) {
  const place = (file) => {
    const at = LONGEST.findIndex((name) => file.endsWith(`/${name}.test.js`));
    return at < 0 ? LONGEST.length : at;
  };
  return files.toSorted((one, other) => place(one) - place(other));
}
