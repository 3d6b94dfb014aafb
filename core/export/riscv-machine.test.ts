import { expect, test } from 'vitest';
import { at } from '../machine/machine.ts';
import { startPlay } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { attempt, story, tell } from '../play/testing/story.ts';
import { parseMaps } from '../process/maps.ts';
import { parseScript } from '../script/index.ts';
import { recount } from '../world/recount.ts';
import { viewOf } from './state.ts';

/** A process and nothing else: everything that the kernel does with its page tables. */
const ALONE = [
  'process app',
  'mmap app heap 64K rw- at 0x3f00000000',
  'load app text',
  'load app heap',
  'store app heap+0x1000 7',
  'age app heap+0x1000 1 clean',
  'store app heap+0x1000 8',
  'fork app child',
  'store child heap+0x1000 9',
  'swap-out app heap+0x1000 1',
  'load app heap+0x1000',
  'expect memory app heap+0x1000 8',
  'migrate app heap+0x1000 1',
  'expect memory child heap+0x1000 9',
  'mprotect app heap 4 r--',
  'munmap app heap 16',
  'exit child',
  'exit app',
] as const;

const aloneOn = (machine: string) => story(machine, ...ALONE);

test.each(['machine riscv', 'machine riscv sv39'])(
  '%s does with memory, step by step, what an arm64 machine does',
  (line) => {
    const arm = aloneOn('machine smmuv3').machine;
    const riscv = aloneOn(line).machine;

    // How many tables there are, and what a walk of the CPU calls what it met, is all that differs above the hardware.
    const steps = (machine: typeof arm) => machine.trace.map(({ who, step }) => `${who} ${step}`);
    expect(steps(riscv)).toEqual(steps(arm));
    expect(at(riscv)).toBeGreaterThan(100);
    expect(riscv.broken).toBeNull();
    expect(recount(riscv.world)).toEqual(riscv.world.fingerprint());
  },
);

test('a step that each architecture has for itself cites that of the machine', () => {
  const cites = aloneOn('machine riscv').machine.trace.map(({ cite }) => cite);

  expect(cites.filter((cite) => /arm/i.test(cite))).toEqual([]);
  expect(cites).toContain('RISC-V Privileged 12.3.2');
  expect(cites).toContain('arch/riscv/mm/fault.c handle_page_fault()');
});

test('a walk of a hart says that A or D is clear, which the kernel sets', () => {
  const told = aloneOn('machine riscv').machine.trace.map(({ text }) => text);

  expect(told).toContain('walks the page tables for 3f00...1000 and finds a page, whose A or D bit is clear');
  expect(told).toContain('notes in the descriptor of 3f00...1000 that it is used and written: no hardware did');
});

test('the tree of Sv48 has four levels, that of Sv39 the lower three, and leaves say A and D', () => {
  const lines = ['process app', 'mmap app heap 8K rw- at 0x3f00000000', 'store app heap 7'] as const;
  const treeOn = (machine: string) => viewOf(story(machine, ...lines).machine).trees[0];

  expect(treeOn('machine riscv')?.levels.map(({ level, tables }) => [level, tables.length])).toEqual([
    ...[
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ],
  ]);
  expect(treeOn('machine riscv sv39')?.levels.map(({ level }) => level)).toEqual([1, 2, 3]);
  expect(treeOn('machine riscv')?.leaves).toMatchObject([{ perms: 'rw-', flags: 'A D', backing: 'heap' }]);
});

const MAP = '7ffc41146000-7ffc41167000 rw-p 00000000 00:00 0 [stack]\n';

test('with Sv39 a process with addresses of 47 bits is refused, and so is a mapping there', () => {
  expect(parseMaps(MAP).vmas).toHaveLength(1);
  const play = startPlay({ files: { 'one.maps': MAP } });
  const outcomes = parseScript('machine riscv sv39\nprocess one maps one.maps').commands.map((command) =>
    playCommand(play, command),
  );

  expect(outcomes[1]).toMatchObject({ state: 'refused', errno: 'ENOMEM' });
  expect(outcomes[1]?.output.join()).toMatch(/one\.maps:1: stack .*38 bits of address with Sv39/);
  const told = story('machine riscv sv39', 'process app');
  const mapping = attempt(told, 'mmap app heap 4K rw- at 0x7f0000000000');
  expect(mapping).toMatchObject({ state: 'refused', errno: 'EFAULT' });
  expect(mapping.output.join()).toMatch(/38 bits/);
  expect(tell(told, 'store app stack 1')).toBeNull();
});

test.each([
  ['machine riscv cd-table linear', /directories/],
  ['machine riscv btm on', /TLB maintenance/],
  ['machine riscv stall-max 4', /stalls nothing/],
  ['machine riscv ssid-bits 12', /8, 17 or 20/],
  ['machine smmuv3 sv39', /for RISC-V/],
  ['machine smmuv3 ddt 2', /stream table/],
])('%s is refused: each architecture has its own options', (line, why) => {
  const play = startPlay();
  const [command] = parseScript(line).commands;
  const outcome = command && playCommand(play, command);

  expect(outcome).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(outcome?.output.join()).toMatch(why);
});

test('a device that would have to stall is refused with the reason', () => {
  const outcome = attempt(story('machine riscv', 'process app'), 'device dma1 platform stall pasid 8');

  expect(outcome).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(outcome.output.join()).toMatch(/stalls nothing/);
});
