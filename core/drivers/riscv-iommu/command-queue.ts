import { encode, type Layout } from '../../hardware/layout.ts';
import { CMD_IOFENCE_C, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { DRIVER } from '../../hardware/riscv-iommu/interrupts.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { present } from '../../lib/assert.ts';
import { done, type Next, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import { readWord, writeWord, writeWords } from '../../world/memory.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { describeCommand } from './describe.ts';
import { entriesBetween, readl, unitOf, writel } from './unit.ts';

/** Somebody who waits for an IOFENCE.C: a word of memory that it writes. */
interface FenceSlot extends Row {
  readonly iommu: number;
}

/**
 * Linux polls cqh until it has passed the fence. Here the fence writes a word for each waiter (AV), which keeps who waits
 * for what apart, as the specification offers it (RISC-V IOMMU 3.1.2).
 */
export const fenceSlots = table<FenceSlot>('fence-slot', { iommu: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, iommu: r.iommu },
}));

const FENCE_DONE = 1;
const COMMAND_BYTES = 16;
const SLOT_BYTES = 4;

/** There is room for one more command; one slot always stays free. */
function hasRoom(world: World, iommu: number): boolean {
  const { commandBits } = unitOf(world, iommu);
  const queued = entriesBetween(commandBits, readl(world, iommu, REGISTER.cqh), readl(world, iommu, REGISTER.cqt));
  return queued < 2 ** commandBits - 1;
}

/** Writes a command behind the last one and moves cqt past it. RISC-V IOMMU 3.1. */
function insert(world: World, iommu: number, words: ArrayLike<number>): void {
  const { commandBits, commandQueue } = unitOf(world, iommu);
  const tail = readl(world, iommu, REGISTER.cqt);
  const at = tail * COMMAND_BYTES;
  writeWords(world, commandQueue + (at >>> 12), at & 0xfff, words);
  writel(world, iommu, REGISTER.cqt, (tail + 1) % 2 ** commandBits);
  const text = describeCommand(words);
  tell(world, { command: text });
  send(world, 'message', DRIVER, riscvIommus.get(world, iommu).name, text);
}

/** riscv_iommu_cmd_send(): the four words of a command into the queue. */
export const sendCommand = procedure(
  'riscv_iommu_cmd_send',
  'smmu-driver',
  { insert: ['iommu', 'word0', 'word1', 'word2', 'word3'] },
  () => ({
    insert: step(
      'queues {command}',
      {
        when: (world, { iommu }) => hasRoom(world, iommu),
        wait: 'spin',
        awaits: 'room in the command queue',
        atomic: 'one write of cqt',
        cite: 'RISC-V IOMMU 3.1; riscv_iommu_queue_send()',
        cost: 'command',
        transaction: true,
      },
      (world, { iommu, word0, word1, word2, word3 }) => {
        insert(world, iommu, [word0, word1, word2, word3]);
        return done();
      },
    ),
  }),
);

/** A call of riscv_iommu_cmd_send() with a command given by its fields. */
export function issue<F extends string>(
  iommu: number,
  layout: Layout<F>,
  code: { readonly opcode: number; readonly func3: number },
  fields: Partial<Readonly<Record<F, number>>>,
): Next {
  return issueWords(iommu, encode(layout, { ...fields, ...code } as Partial<Readonly<Record<F, number>>>));
}

/** The same with its words. */
export function issueWords(iommu: number, words: Uint32Array): Next {
  const word = (i: number): number => present(words[i], 'a command has four words');
  return sendCommand.at.insert({ iommu, word0: word(0), word1: word(1), word2: word(2), word3: word(3) });
}

/** riscv_iommu_cmd_sync(): returns when all commands before it are done. */
export const issueFence = procedure(
  'riscv_iommu_cmd_sync',
  'smmu-driver',
  { insert: ['iommu'], wait: ['iommu', 'waiter'] },
  (go) => ({
    insert: step(
      'queues {command}',
      {
        when: (world, { iommu }) => hasRoom(world, iommu),
        wait: 'spin',
        awaits: 'room in the command queue',
        atomic: 'one write of cqt',
        cite: 'RISC-V IOMMU 3.1.2; riscv_iommu_cmd_sync()',
        cost: 'command',
        transaction: true,
      },
      (world, { iommu }) => {
        const waiter = fenceSlots.insert(world, { iommu }).id;
        const { fencePage } = unitOf(world, iommu);
        writeWord(world, fencePage, waiter * SLOT_BYTES, 0);
        insert(world, iommu, fenceWords(fencePage, waiter));
        return go.wait({ iommu, waiter });
      },
    ),
    wait: step(
      'sees that the IOMMU has done them all',
      {
        when: (world, { iommu, waiter }) =>
          readWord(world, unitOf(world, iommu).fencePage, waiter * SLOT_BYTES) === FENCE_DONE,
        wait: 'spin',
        awaits: 'IOFENCE.C',
        cite: 'RISC-V IOMMU 3.1.2; riscv_iommu_queue_wait()',
      },
      (world, { iommu, waiter }) => {
        writeWord(world, unitOf(world, iommu).fencePage, waiter * SLOT_BYTES, 0);
        fenceSlots.remove(world, waiter);
        return done();
      },
    ),
  }),
);

/** A fence behind reads and writes, which then writes the word of its waiter; addresses are kept as address >> 2. */
function fenceWords(page: number, waiter: number): Uint32Array {
  return encode(CMD_IOFENCE_C, {
    opcode: OPCODE.IOFENCE,
    func3: FUNC3.FENCE_C,
    AV: 1,
    PR: 1,
    PW: 1,
    DATA: FENCE_DONE,
    ADDR_LO: (page % 2 ** 22) * 2 ** 10 + waiter,
    ADDR_HI: Math.floor(page / 2 ** 22),
  });
}
