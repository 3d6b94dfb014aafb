import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const TAKES = { words: ['FILE'], values: ['--policy', '--at'], flags: ['--json'] };
const read = (...given: string[]) => readArguments(given, TAKES);

test('options stand anywhere, with their value behind or attached', () => {
  const { value } = read('--at', '7', 'a.svm', '--json', '--policy=rfcv2') as { value: { options: unknown } };

  expect(value).toEqual({
    words: ['a.svm'],
    options: new Map([
      ['--at', '7'],
      ['--json', ''],
      ['--policy', 'rfcv2'],
    ]),
  });
});

test('a single dash is a word: the standard input', () => {
  expect(read('-')).toMatchObject({ ok: true, value: { words: ['-'] } });
});

test('what is wrong is said in a sentence, with what may have been meant', () => {
  const wrong = [['a', '--polcy', 'x'], ['a', '--at'], ['a', '--json=1'], ['a', 'b'], []];

  expect(wrong.map((given) => read(...given))).toEqual(
    [
      'there is no option --polcy; did you mean "--policy"?',
      '--at needs a value',
      '--json takes no value',
      '"b" is one word too many',
      'FILE is missing',
    ].map((error) => ({ ok: false, error })),
  );
});
