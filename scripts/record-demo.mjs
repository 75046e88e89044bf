/**
 * Makes `docs/demo.svg`: starts `odbfs demo`, types the commands below into a shell on the mounted folder, and draws
 * what really came back as a terminal that fills line by line. Run it again when the program's words change:
 *
 *     node scripts/record-demo.mjs
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './setup/shell.mjs';

const COMMANDS = [
  'ls -l OneDrive',
  'rsync -a ~/photos OneDrive/ && du -sh OneDrive/photos',
  'rsync -a --stats ~/photos OneDrive/ | grep "files transferred"  # again',
  'echo "buy milk" >> OneDrive/Welcome.txt && tail -n 1 OneDrive/Welcome.txt',
  'getfattr --only-values -n user.odbfs.state OneDrive/Welcome.txt; echo',
  'sleep 3; getfattr --only-values -n user.odbfs.state OneDrive/Welcome.txt; echo',
  'git clone -q ~/project OneDrive/project && git -C OneDrive/project status --short --branch',
  'df -h OneDrive | tail -n 1',
];
const LINE_HEIGHT = 19;
const LEFT = 16;
const COLUMNS = 92;
const CHARACTER_WIDTH = 8.43;
const SECONDS_PER_LINE = 0.35;

const home = mkdtempSync(join(tmpdir(), 'odbfs-record-'));
const mountpoint = join(home, 'OneDrive');
const program = join(ROOT, 'dist', 'src', 'main.js');
const environment = {
  ...process.env,
  HOME: home,
  PATH: `${home}/bin:${process.env.PATH}`,
  LC_ALL: 'C.UTF-8',
};

execFileSync('sh', [
  '-c',
  `mkdir -p '${home}/bin' '${home}/photos' && printf '#!/bin/sh\\nexec "${process.execPath}" "${program}" "$@"\\n' > '${home}/bin/odbfs' && chmod +x '${home}/bin/odbfs' && git init -q '${home}/project' && cd '${home}/project' && for n in $(seq 1 20); do seq 1 $n > file$n.txt; done && git add . && git -c user.name=you -c user.email=you@example.org commit -qm first && for n in $(seq 1 40); do head -c 30000 /dev/urandom > '${home}'/photos/p$n.jpg; done`,
]);
const demo = spawn(process.execPath, [program, 'demo', mountpoint], {
  env: environment,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  await ready(demo);
  const lines = [];
  for (const command of COMMANDS) {
    lines.push({ text: `$ ${command}`, isCommand: true });
    const answer = run(command);
    for (const text of answer.trimEnd().split('\n')) if (text !== '') lines.push({ text, isCommand: false });
  }
  writeFileSync(join(ROOT, 'docs', 'demo.svg'), draw(lines));
} finally {
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
}

/** The demo has said all it says at the start when it tells how to end it. */
function ready(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.includes('Ctrl-C')) resolve();
    });
    child.once('exit', () => reject(new Error(`the demo ended:\n${said}`)));
  });
}

function run(command) {
  const options = { cwd: home, env: environment, encoding: 'utf8', timeout: 60_000 };
  return execFileSync('bash', ['-c', `${command} 2>&1 || true`], options);
}

function draw(lines) {
  const height = LINE_HEIGHT * (lines.length + 2) + 24;
  const width = Math.round(COLUMNS * CHARACTER_WIDTH + 2 * LEFT);
  const rows = lines.map(({ text, isCommand }, at) => {
    const y = 52 + at * LINE_HEIGHT;
    const begin = (at * SECONDS_PER_LINE).toFixed(2);
    const style = isCommand ? 'class="c"' : '';
    return `<text x="${LEFT}" y="${y}" ${style} style="animation-delay:${begin}s">${escapeXml(text.slice(0, COLUMNS))}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal: files on a mounted OneDrive">
<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#c9d1d9;white-space:pre;opacity:0;animation:s .01s forwards}text.c{fill:#7ee787;font-weight:600}@keyframes s{to{opacity:1}}@media (prefers-reduced-motion:reduce){text{animation-delay:0s!important}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/><circle cx="20" cy="18" r="6" fill="#ff5f56"/><circle cx="40" cy="18" r="6" fill="#ffbd2e"/><circle cx="60" cy="18" r="6" fill="#27c93f"/>
${rows.join('\n')}
</svg>
`;
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
