import { expect, test } from 'vitest';
import { GRAMMAR } from './grammar.ts';
import { help } from './help.ts';
import { parseLine } from './parse.ts';
import { printCommand } from './print.ts';

test.each(Object.entries(GRAMMAR))(
  'the example of %s is one of its commands, as the printer writes it',
  (verb, entry) => {
    const { command } = parseLine(entry.example);

    expect(command).toMatchObject({ verb });
    expect(command && printCommand(command)).toBe(entry.example);
  },
);

test('help lists every command on a line of its own', () => {
  const lines = help().split('\n');

  expect(lines.map((line) => line.split(' ')[0])).toEqual(Object.keys(GRAMMAR));
  expect(lines).toContain('bind           Let a device use the address space of a process.');
});

test('help explains a command by its forms, parameters and an example', () => {
  expect(help('store')).toBe(
    [
      'Let the CPU write a number, or a pointer to another address.',
      '  store PROC ADDRESS -> ADDRESS [&]',
      '  store PROC ADDRESS VALUE [&]',
      '  PROC        a process',
      '  ADDRESS     an address such as heap+0x1000',
      '  VALUE       a 32-bit number',
      'Example: store app heap -> heap+0x1000',
    ].join('\n'),
  );
});

test.each([
  ['run', '  run COUNT\n  run until MOMENT\n  run only ACTOR [until STEP] [COUNT]\n  run\n'],
  ['schedule', '  schedule ACTOR ...\n'],
  ['dma', '  dma DEVICE PROC read|write|chase|execute ADDRESS BYTES [count COUNT] [no-pasid] [unbound] [&]\n'],
  ['dma', '  dma DEVICE iova read|write IOVA BYTES [in PRIVATE] [&]\n'],
  ['mmap', '[at ADDRESS] [file FILE [offset SIZE]] [grows-down] [&]\n'],
  ['under', '  [under POLICIES] expect pasid PROC none|NUMBER\n'],
  ['device', '  device NAME platform [stall] [pasid WIDTH] [group N] [domain DOMAIN] [smmu N] [unserialised]\n'],
])('help writes the forms of %s', (verb, forms) => {
  expect(help(verb)).toContain(forms);
});

test('help knows a misspelt command', () => {
  expect(help('bnid')).toBe('"bnid" is not a command; did you mean "bind"?');
  expect(help('constructor')).toBe('"constructor" is not a command');
});
