/** What lies in the demo's drive: enough to list, read, copy, search and edit. */

/** Entries as the stand-in's `seed` command takes them. */
export interface SampleEntry {
  readonly path: string;
  readonly folder?: boolean;
  readonly text?: string;
  readonly size?: number;
  readonly modifiedMs?: number;
}

const DAY_MS = 86_400_000;

export function sampleDrive(nowMs: number): readonly SampleEntry[] {
  const ago = (days: number) => ({ modifiedMs: nowMs - days * DAY_MS });
  return [
    { path: 'Welcome.txt', text: WELCOME, ...ago(1) },
    { path: 'Documents/Report 2026.md', text: REPORT, ...ago(12) },
    { path: 'Documents/Budget.csv', text: 'month,euros\n2026-10,1250\n2026-11,1190\n', ...ago(20) },
    { path: 'Documents/Names that Windows refuses', folder: true },
    { path: 'Music/Tune.bin', size: 8 * 1024 * 1024, ...ago(200) },
    { path: 'Pictures/Holiday/Ærøskøbing.svg', text: PICTURE, ...ago(90) },
    { path: 'Pictures/Holiday/夕焼け.svg', text: PICTURE, ...ago(89) },
    ...notes(40).map((entry, day) => ({ ...entry, ...ago(day) })),
    { path: 'Empty file.txt', text: '' },
    { path: 'Empty folder', folder: true },
  ];
}

function notes(count: number): SampleEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const number = String(at + 1).padStart(2, '0');
    return {
      path: `Notes/note ${number}.txt`,
      text: `Note ${number}: remember the ${at % 7 === 0 ? 'milk' : 'bread'}.\n`,
    };
  });
}

const WELCOME = `Hello!

This folder is a drive on a small SharePoint of our own, running on this machine.
Everything that you do here goes over WebDAV and REST, as it would to the real one:
try cp, mv, rsync, git, an editor.
`;

const REPORT = `# Report 2026

What was done, and what was left.
`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80">
  <rect width="120" height="80" fill="#fc9"/><circle cx="60" cy="60" r="20" fill="#e42"/>
</svg>
`;
