/** A small drive to look at: for the demo, and for trying the stand-in with other clients. */
import { deflateSync } from 'node:zlib';
import type { ForeignClient } from './control/foreign-client.js';

const DAY_MS = 86_400_000;

const WELCOME = `# Welcome

This folder is a OneDrive that lives on your own machine: a small stand-in for SharePoint.
Edit, rename, copy and remove what you like; it goes away when the demo ends.
`;

const RECIPES = `Käsespätzle

400 g Mehl, 4 Eier, 200 ml Wasser, 300 g Bergkäse, 2 Zwiebeln
`;

/** Text files by path. */
const TEXTS: Readonly<Record<string, string>> = {
  'Welcome.md': WELCOME,
  'Notes/shopping list.txt': 'milk\nbread\n100 % rye, #1 choice\n',
  'Notes/Ideas & plans.txt': 'Learn to sail.\nWrite to Aunt Éloïse.\n',
  'Rezepte/Käsespätzle.txt': RECIPES,
  '日本語/こんにちは.txt': 'こんにちは、世界\n',
  'Projects/2026/budget.csv': 'month,planned,spent\nJanuary,1200,1187.50\nFebruary,1200,1244.10\n',
  'Projects/2026/empty.txt': '',
  'Projects/2026/to-do 🚀.md': '- [x] launch\n- [ ] land\n',
};

/** A drive can be filled only once: what is there under the same names is replaced. */
export function fillSampleDrive(drive: ForeignClient, nowMs: number): void {
  let ageMs = DAY_MS;
  for (const [path, text] of Object.entries(TEXTS)) {
    drive.write(path, text, { createdMs: nowMs - 2 * ageMs, modifiedMs: nowMs - ageMs });
    ageMs += 3 * DAY_MS;
  }
  drive.write('Pictures/sunset.png', sunset(240, 160), { modifiedMs: nowMs - 40 * DAY_MS });
  drive.write(
    'Pictures/large.bin',
    { pattern: 2026, size: 24 * 1024 * 1024 },
    { modifiedMs: nowMs - 90 * DAY_MS },
  );
  drive.makeFolder('Empty folder');
}

/** A picture that any viewer opens: a sky from night to orange, as PNG. */
function sunset(width: number, height: number): Buffer {
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x++) {
      const sun = Math.hypot(x - width / 2, y - height * 0.8) < height / 5;
      const warmth = y / height;
      row.set(sun ? [255, 224, 130] : [30 + 210 * warmth, 20 + 90 * warmth, 90 - 40 * warmth], 1 + x * 3);
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** The check sum of PNG. */
function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
