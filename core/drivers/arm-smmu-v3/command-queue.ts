import { encode, type Layout, pointerTo } from '../../hardware/layout.ts';
import { CMD_SYNC, OPCODE, SYNC_SIGNAL } from '../../hardware/smmuv3/commands.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { present } from '../../lib/assert.ts';
import { done, type Next, procedure, step } from '../../sim/procedure.ts';
import { send, tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import { ringLength } from '../../world/ring.ts';
import type { World } from '../../world/world.ts';
import {
  beginWait,
  countPatient,
  DONE,
  endWait,
  isWaitOver,
  runOutOfTime,
  type Waiters,
  WORD_BYTES,
  waiterTable,
} from '../waiters.ts';
import { describeCommand } from './describe.ts';
import { readl, unitOf, writel } from './unit.ts';

export const syncSlots = waiterTable('sync-slot');

/**
 * The kernel of v4.15 lets CMD_SYNC write a message to memory and spins on it for a second (arm_smmu_sync_poll_msi);
 * one word for each waiter keeps who waits for what apart.
 */
export const SYNC_WAITERS: Waiters = {
  rows: syncSlots,
  timeOut: 'poll',
  pageOf: (world, smmu) => unitOf(world, smmu).syncPage,
};

const COMMAND_BYTES = 16;

/** There is room for one more command. */
function hasRoom(world: World, smmu: number): boolean {
  const log2Size = unitOf(world, smmu).commandBits;
  const prod = readl(world, smmu, REGISTER.CMDQ_PROD);
  return ringLength({ log2Size }, prod, readl(world, smmu, REGISTER.CMDQ_CONS)) < 2 ** log2Size;
}

/** Writes a command behind the last one and moves the producer index past it. SMMUv3 3.5.1. */
function insert(world: World, smmu: number, words: ArrayLike<number>): void {
  const { commandBits, commandQueue } = unitOf(world, smmu);
  const prod = readl(world, smmu, REGISTER.CMDQ_PROD);
  const at = (prod & (2 ** commandBits - 1)) * COMMAND_BYTES;
  writeWords(world, commandQueue + (at >>> 12), at & 0xfff, words);
  writel(world, smmu, REGISTER.CMDQ_PROD, (prod + 1) & (2 ** (commandBits + 1) - 1));
  const text = describeCommand(words);
  tell(world, { command: text });
  send(world, 'message', 'smmu-driver', smmus.get(world, smmu).name, text);
}

/** arm_smmu_cmdq_issue_cmd(): the four words of a command into the queue. */
export const issueCommand = procedure(
  'arm_smmu_cmdq_issue_cmd',
  'smmu-driver',
  { insert: ['smmu', 'word0', 'word1', 'word2', 'word3'] },
  () => ({
    insert: step(
      'queues {command}',
      {
        when: (world, { smmu }) => hasRoom(world, smmu),
        wait: 'spin',
        awaits: 'room in the command queue',
        atomic: 'cmdq lock',
        cite: 'SMMUv3 3.5.1',
        cost: 'command',
        transaction: true,
      },
      (world, { smmu, word0, word1, word2, word3 }) => {
        insert(world, smmu, [word0, word1, word2, word3]);
        return done();
      },
    ),
  }),
);

/** A call of arm_smmu_cmdq_issue_cmd() with a command given by its fields. */
export function issue<F extends string>(
  smmu: number,
  layout: Layout<F>,
  opcode: number,
  fields: Partial<Readonly<Record<F, number>>>,
): Next {
  const words = encode(layout, { ...fields, opcode } as Partial<Readonly<Record<F, number>>>);
  const word = (i: number): number => present(words[i], 'a command has four words');
  return issueCommand.at.insert({ smmu, word0: word(0), word1: word(1), word2: word(2), word3: word(3) });
}

/** arm_smmu_cmdq_issue_sync(): returns when all commands before it are done. */
export const issueSync = procedure(
  'arm_smmu_cmdq_issue_sync',
  'smmu-driver',
  { insert: ['smmu'], wait: ['smmu', 'waiter'] },
  (go) => ({
    insert: step(
      'queues {command}',
      {
        when: (world, { smmu }) => hasRoom(world, smmu),
        wait: 'spin',
        awaits: 'room in the command queue',
        atomic: 'cmdq lock',
        cite: 'SMMUv3 4.7.3',
        cost: 'command',
        transaction: true,
      },
      (world, { smmu }) => {
        const waiter = beginWait(world, SYNC_WAITERS, smmu);
        const command = encode(CMD_SYNC, {
          opcode: OPCODE.SYNC,
          CS: SYNC_SIGNAL.IRQ,
          MSIData: DONE,
          MSIAddress: pointerTo(unitOf(world, smmu).syncPage, waiter * WORD_BYTES, 2),
        });
        insert(world, smmu, command);
        return go.wait({ smmu, waiter });
      },
    ),
    wait: step(
      '{sees}',
      {
        when: (world, { smmu, waiter }) => isWaitOver(world, SYNC_WAITERS, smmu, waiter),
        wait: 'spin',
        awaits: 'CMD_SYNC',
        cite: 'SMMUv3 4.7.3',
      },
      (world, { smmu, waiter }) => {
        const isDone = endWait(world, SYNC_WAITERS, smmu, waiter);
        tell(world, {
          sees: isDone ? 'sees that the SMMU has done them all' : 'prints "CMD_SYNC timeout" and goes on',
        });
        return done();
      },
    ),
  }),
);

/** The clock of those who poll for a CMD_SYNC. */
export const syncTimer = procedure('arm_smmu_sync_timeout', 'smmu-driver', { wait: ['smmu'] }, (go) => ({
  wait: step(
    'tells who polls for CMD_SYNC that a second is over',
    {
      when: (world, { smmu }) => countPatient(world, SYNC_WAITERS, smmu) > 0,
      choices: (world, { smmu }) => countPatient(world, SYNC_WAITERS, smmu),
      wait: 'spin',
      awaits: 'a CMD_SYNC that takes a second',
      timeOut: true,
      transaction: true,
      cite: 'arm_smmu_sync_poll_msi()',
      cost: SYNC_WAITERS.timeOut,
    },
    (world, { smmu }, choice) => {
      runOutOfTime(world, SYNC_WAITERS, smmu, choice);
      return go.wait({ smmu });
    },
  ),
}));
