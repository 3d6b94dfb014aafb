import { gunzipSync, constants as zlib } from 'node:zlib';
import { type Report, startRun } from '../conformance/riscv/run.ts';
import { suggestion } from '../lib/suggestion.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';

const SILICON = ['riscv'];

/** svm conformance: runs a file of differential cases on a silicon, and says where the two differ. */
export function conformance(io: Io, given: readonly string[]): Exit {
  const read = readArguments(given, { words: ['SILICON', 'FILE'] });
  const [silicon = '', path = ''] = read.ok ? read.value.words : [];
  if (!read.ok || !SILICON.includes(silicon)) {
    io.say(
      `svm conformance: ${read.ok ? `there are no cases for ${silicon}${suggestion(silicon, SILICON)}` : read.error}`,
    );
    return EXIT.usage;
  }
  const bytes = io.bytes(path);
  if (bytes === null) {
    io.say(`svm conformance: there is no file ${path}`);
    return EXIT.usage;
  }
  const { text, cut } = unpack(bytes);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (cut !== null) return refuse(io, path, Math.max(1, lines.length), cut);
  const run = startRun();
  for (const [index, line] of lines.entries()) {
    const problem = run.add(line);
    if (problem !== null) return refuse(io, path, index + 1, problem);
  }
  if (lines.length === 0) return refuse(io, path, 1, 'it holds no case');
  return tell(io, run.report());
}

/** The text of a file, packed or not; `cut` says why it ends too early, null where it does not. */
function unpack(bytes: Uint8Array): { readonly text: string; readonly cut: string | null } {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked) return { text: Buffer.from(bytes).toString('utf8'), cut: null };
  try {
    return { text: gunzipSync(bytes).toString('utf8'), cut: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    return { text: startOf(bytes), cut: `the packed file is cut or damaged here (${why})` };
  }
}

/** What can be unpacked of a file that is cut. */
function startOf(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes, { finishFlush: zlib.Z_SYNC_FLUSH }).toString('utf8');
  } catch {
    return '';
  }
}

function refuse(io: Io, path: string, line: number, why: string): Exit {
  io.say(`svm conformance: ${path}: line ${line}: ${why}`);
  return EXIT.usage;
}

function tell(io: Io, { lines, differ }: Report): Exit {
  io.out(lines.map((line) => `${line}\n`).join(''));
  return differ > 0 ? EXIT.failed : EXIT.held;
}
