import { readFileSync } from 'node:fs';
import { InvariantError } from '../lib/assert.ts';
import { serveCrew } from './crew.ts';
import { EXIT, type Io, type Onlooker } from './io.ts';
import { svm } from './svm.ts';

const STDIN = 0;
const SIGINT = 2;
/** Erases the line of a terminal from the cursor on. */
const CLEAR = '\u001b[K';

/** Ctrl+C ends a search, and pressed again the program. */
function watch(): Onlooker {
  let enough = false;
  const interrupt = (): void => {
    if (enough) process.exit(128 + SIGINT);
    enough = true;
  };
  const show = (line: string): void => {
    // A line that is wrapped could not be written over.
    if (process.stderr.isTTY) process.stderr.write(`\r${CLEAR}${line.slice(0, process.stderr.columns - 1)}`);
  };
  process.on('SIGINT', interrupt);
  return {
    show,
    hasEnough: () => enough,
    leave: () => {
      show('');
      process.off('SIGINT', interrupt);
    },
  };
}

const io: Io = {
  watch,
  out: (text) => {
    process.stdout.write(text);
  },
  say: (line) => {
    process.stderr.write(`${line}\n`);
  },
  read: (path) => {
    try {
      return readFileSync(path === '-' ? STDIN : path, 'utf8');
    } catch {
      return null;
    }
  },
  bytes: (path) => {
    try {
      return readFileSync(path === '-' ? STDIN : path);
    } catch {
      return null;
    }
  },
};

// Who reads the output may have seen enough: `svm run ... | head`.
process.stdout.on('error', () => {
  process.exit();
});

try {
  if (!serveCrew()) process.exitCode = await svm(io, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InvariantError)) throw error;
  io.say(`svm: the emulator broke a rule of its own: ${error.message}\n${error.stack ?? ''}`);
  process.exitCode = EXIT.broken;
}
