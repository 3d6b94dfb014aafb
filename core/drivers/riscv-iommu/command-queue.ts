import { encode, type Layout } from '../../hardware/layout.ts';
import { CMD_IOFENCE_C, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { DRIVER } from '../../hardware/riscv-iommu/interrupts.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { present } from '../../lib/assert.ts';
import { done, type Next, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import {
  beginWait,
  countPatient,
  DONE,
  endWait,
  isWaitOver,
  runOutOfTime,
  type Waiters,
  waiterTable,
} from '../waiters.ts';
import { describeCommand } from './describe.ts';
import { entriesBetween, readl, unitOf, writel } from './unit.ts';

export const fenceSlots = waiterTable('fence-slot');

/**
 * Linux polls cqh until it has passed the fence. Here the fence writes a word for each waiter (AV), which keeps who waits
 * for what apart, as the specification offers it (RISC-V IOMMU 3.1.2). Who polls is more patient than an IOMMU with a
 * device, so that the IOMMU is the first to say that one did not answer.
 */
export const FENCE_WAITERS: Waiters = {
  rows: fenceSlots,
  timeOut: 'inval',
  pageOf: (world, iommu) => unitOf(world, iommu).fencePage,
};

const COMMAND_BYTES = 16;

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
        const waiter = beginWait(world, FENCE_WAITERS, iommu);
        insert(world, iommu, fenceWords(unitOf(world, iommu).fencePage, waiter));
        return go.wait({ iommu, waiter });
      },
    ),
    wait: step(
      '{sees}',
      {
        when: (world, { iommu, waiter }) => isWaitOver(world, FENCE_WAITERS, iommu, waiter),
        wait: 'spin',
        awaits: 'IOFENCE.C',
        cite: 'RISC-V IOMMU 3.1.2; riscv_iommu_queue_wait()',
      },
      (world, { iommu, waiter }) => {
        const isDone = endWait(world, FENCE_WAITERS, iommu, waiter);
        tell(world, {
          sees: isDone ? 'sees that the IOMMU has done them all' : 'prints "command execution timeout" and goes on',
        });
        return done();
      },
    ),
  }),
);

/** The clock of those who poll for an IOFENCE.C. */
export const fenceTimer = procedure('riscv_iommu_sync_timeout', 'smmu-driver', { wait: ['iommu'] }, (go) => ({
  wait: step(
    'tells who polls for IOFENCE.C that 90 seconds are over',
    {
      when: (world, { iommu }) => countPatient(world, FENCE_WAITERS, iommu) > 0,
      choices: (world, { iommu }) => countPatient(world, FENCE_WAITERS, iommu),
      wait: 'spin',
      awaits: 'an IOFENCE.C that takes 90 seconds',
      timeOut: true,
      transaction: true,
      cite: 'riscv_iommu_queue_wait()',
      cost: FENCE_WAITERS.timeOut,
    },
    (world, { iommu }, choice) => {
      runOutOfTime(world, FENCE_WAITERS, iommu, choice);
      return go.wait({ iommu });
    },
  ),
}));

/** A fence behind reads and writes, which then writes the word of its waiter; addresses are kept as address >> 2. */
function fenceWords(page: number, waiter: number): Uint32Array {
  return encode(CMD_IOFENCE_C, {
    opcode: OPCODE.IOFENCE,
    func3: FUNC3.FENCE_C,
    AV: 1,
    PR: 1,
    PW: 1,
    DATA: DONE,
    ADDR_LO: (page % 2 ** 22) * 2 ** 10 + waiter,
    ADDR_HI: Math.floor(page / 2 ** 22),
  });
}
