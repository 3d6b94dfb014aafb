import { readFileSync } from 'node:fs';
import { InvariantError } from '../lib/assert.ts';
import { serveCrew } from './crew.ts';
import { EXIT, type Io } from './io.ts';
import { svm } from './svm.ts';

const STDIN = 0;

const io: Io = {
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
