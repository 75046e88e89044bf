/**
 * A kernel that sends nonsense: messages of every opcode, random, cut short, or with fields that lie, to a whole session
 * (C and TypeScript, under AddressSanitizer where there is one). Each that wants an answer gets exactly one; in the end a
 * message that lies about its own length ends the session, and nothing else does.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { sanitizedEnvironment } from '../support/sanitized-addon.js';

const DEVICE = join(import.meta.dirname, '..', 'support', 'hostile-device.js');
const MESSAGES = 6000;
const STORM_OF = 100_000;

/** argv: node, the script, a seed, how many messages, its environment. A socket that keeps packets apart is the device. */
const KERNEL = `
import json, os, random, select, socket, struct, subprocess, sys, time
node, script, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
for end in (ours, theirs): end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
daemon = subprocess.Popen([node, script, str(theirs.fileno())], pass_fds=[theirs.fileno()],
  stdout=subprocess.PIPE, text=True, env={**os.environ, **json.loads(sys.argv[5])})
theirs.close()
replies, errors = {}, {}
def drain(wait):
    while select.select([ours], [], [], wait)[0]:
        reply = ours.recv(1 << 21)
        length, error, unique = struct.unpack_from('<IiQ', reply)
        assert length == len(reply), ('length', length, len(reply))
        replies[unique] = replies.get(unique, 0) + 1
        errors[unique] = -error
        wait = 0
def message(opcode, unique, body, node=1):
    return struct.pack('<IIQQIIIHH', 40 + len(body), opcode, unique, node, 0, 0, 1, 0, 0) + body
ours.send(message(26, 2, struct.pack('<IIIIIII', 7, 45, 1 << 20, 0xffffffff, 0, 0, 0) + bytes(36)))
assert daemon.stdout.readline() == 'ready\\n'
wanted = set()
def end(more):
    started = time.monotonic()
    while wanted - replies.keys() and time.monotonic() - started < 60: drain(0.1)
    alive = daemon.poll() is None
    ours.send(message(3, 1, bytes(16))[:50] + b'longer than it says')
    print(json.dumps({
      'unanswered': len(wanted - replies.keys()), 'twice': [u for u, times in replies.items() if times > 1],
      'alive': alive, 'end': json.loads(daemon.stdout.readline() or 'null'), 'code': daemon.wait(60), **more}))
`;

/** Anything at all. */
const NONSENSE = `
NUMBERS = [0, 1, 2, 3, 7, 4095, 65536, 1 << 20, (1 << 31) - 1, (1 << 32) - 1, (1 << 53) - 1, 1 << 53, 1 << 62,
  (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
def number(): return chance.choice(NUMBERS)
def field():
    kind = chance.randrange(6)
    if kind == 0: return struct.pack('<I', number() & 0xffffffff)
    if kind == 1: return bytes([chance.choice(b'abc/.\\xff\\xc3') for _ in range(chance.randrange(12))]) + b'\\0'
    if kind == 2: return chance.randbytes(chance.randrange(64))
    return struct.pack('<Q', number())
def body(opcode):
    if opcode in (15, 16) and chance.random() < 0.7:
        data = bytes(chance.randrange(3) * chance.randrange(2000))
        size = len(data) if chance.random() < 0.5 else number() & 0xffffffff
        offset = chance.choice([0, 1, 4096, number()])
        return struct.pack('<QQIIQII', chance.randrange(40), offset, size, chance.choice([0, 4]), 0, 0, 0) + data
    return b''.join(field() for _ in range(chance.randrange(9)))
SILENT = (2, 36, 42)
for index in range(count):
    opcode, unique = chance.choice([chance.randrange(0, 60), 14, 15, 16, 35]), 4 + 2 * index
    ours.send(message(opcode, unique, body(opcode), number()))
    if opcode not in SILENT: wanted.add(unique)
    drain(0 if index % 8 else 0.001)
end({})
`;

/** Look-ups given back, a hundred thousand one by one and as many in crowds; then each opcode that there is not. */
const STORM = `
def forget(node): return struct.pack('<QQ', node, 1)
for index in range(count):
    ours.send(message(2, 4 + 2 * index, struct.pack('<Q', 1), 9))
    if index % 1000 == 0: ours.send(message(42, 0, struct.pack('<II', 1000, 0) + b''.join(forget(index + at) for at in range(1000)), 0))
unknown = {}
for opcode in (0, 7, 19, 31, 32, 33, 37, 39, 41, 54, 55, 99, 4096, 1 << 31, (1 << 32) - 1):
    unknown[opcode] = 1000004 + 2 * len(unknown)
    wanted.add(unknown[opcode])
    ours.send(message(opcode, unknown[opcode], bytes(64)))
wanted.add(1000002)
ours.send(message(3, 1000002, bytes(16)))
drain(0.1)
while wanted - replies.keys(): drain(1)
end({'unknown': sorted({errors[unique] for unique in unknown.values()}), 'answers': len(replies)})
`;

interface Outcome {
  readonly unanswered: number;
  readonly twice: readonly number[];
  readonly alive: boolean;
  readonly code: number;
  readonly end: { readonly reason: string; readonly requests: number };
  readonly unknown?: readonly number[];
  readonly answers?: number;
}

async function play(what: string, seed: number, count: number): Promise<Outcome> {
  const environment = JSON.stringify(sanitizedEnvironment());
  const words = ['-c', KERNEL + what, process.execPath, DEVICE, `${seed}`, `${count}`, environment];
  const { stdout, stderr } = await promisify(execFile)('python3', words, { timeout: 120_000, cwd: '/' });
  const outcome = JSON.parse(stdout) as Outcome;
  const { unanswered, twice, alive, code } = outcome;
  assert.deepEqual(
    { unanswered, twice, alive, code, stderr },
    { unanswered: 0, twice: [], alive: true, code: 0, stderr: '' },
  );
  assert.equal(outcome.end.reason, 'aborted');
  return outcome;
}

/** The last is another each time: whoever sees it fail adds its number to those before it. */
for (const seed of [1, 2, 3, randomInt(4, 2 ** 31)]) {
  test(`nonsense from the kernel, number ${seed}: one answer each, and no harm`, async () => {
    const { end } = await play(NONSENSE, seed, MESSAGES);
    assert.ok(end.requests > MESSAGES / 2);
  });
}

test('a storm of forgotten look-ups has no answer, an unknown operation just one: ENOSYS', async () => {
  const { unknown, answers, end } = await play(STORM, 0, STORM_OF);
  assert.deepEqual(unknown, [constants.errno.ENOSYS]);
  // INIT, 15 unknown operations, one known.
  assert.equal(answers, 17);
  assert.ok(end.requests > STORM_OF);
});
