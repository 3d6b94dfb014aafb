import { clear, isPending } from '../../hardware/irq.ts';
import { encode } from '../../hardware/layout.ts';
import { CMD_IOFENCE_C, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { CQCSR, IPSR, REGISTER } from '../../hardware/riscv-iommu/registers.layout.ts';
import { registerField } from '../../hardware/riscv-iommu/registers.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { describeCommand } from './describe.ts';
import { readl, unitOf, writel } from './unit.ts';

const COMMAND_BYTES = 16;
const PENDING = encode(IPSR, { cip: 1 })[0] ?? 0;
/** cqen and cie stay; writing 1 to an error clears it, and the queue goes on. */
const ACKNOWLEDGED = encode(CQCSR, { cqen: 1, cie: 1, cqmf: 1, cmd_to: 1, cmd_ill: 1 })[0] ?? 0;

/** What the kernel prints of each error. */
const WORDS = {
  cqmf: 'the command queue could not be read, or a fence not written',
  cmd_to: 'a device did not answer an invalidation in time',
  cmd_ill: 'a command was illegal',
} as const;
const ERRORS = Object.keys(WORDS) as (keyof typeof WORDS)[];

/** The interrupt handler of the command queue, riscv_iommu_cmdq_process(). It is one for each IOMMU, and may not sleep. */
export const errorHandler = procedure(
  'riscv_iommu_cmdq_process',
  'smmu-driver',
  { wait: ['iommu'], read: ['iommu'], skip: ['iommu'], acknowledge: ['iommu'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of the command queue, and clears ipsr.cip',
      {
        when: (world, { iommu }) => isPending(world, riscvIommus.get(world, iommu).commandIrq),
        wait: 'sleep',
        awaits: 'an error of the command queue',
        cost: 'interrupt',
        cite: 'RISC-V IOMMU 5.18; riscv_iommu_cmdq_irq_check()',
      },
      (world, { iommu }) => {
        clear(world, riscvIommus.get(world, iommu).commandIrq);
        writel(world, iommu, REGISTER.ipsr, PENDING);
        return go.read({ iommu });
      },
    ),
    read: step(
      'sees what is wrong: {errors}',
      { cite: 'RISC-V IOMMU 5.15; riscv_iommu_cmdq_process()' },
      (world, { iommu }): Next => {
        const active = ERRORS.filter((name) => registerField(world, iommu, REGISTER.cqcsr, name) === 1);
        const words = active.map((name) => WORDS[name]);
        tell(world, { errors: words.join('; ') || 'nothing any more', fault: active.length > 0 ? 1 : 0 });
        if (active.length === 0) return go.wait({ iommu });
        reach(world, 'event.printed');
        return active.includes('cmd_ill') ? go.skip({ iommu }) : go.acknowledge({ iommu });
      },
    ),
    skip: step(
      'prints {command}, at which the IOMMU has stopped: it becomes an IOFENCE.C',
      { cite: 'RISC-V IOMMU 5.15: the command is fetched again', transaction: true },
      (world, { iommu }) => {
        const { page, offset } = headPlace(world, iommu);
        const words = readWords(world, page, offset, 4, new Uint32Array(4));
        tell(world, { command: describeCommand(words) });
        writeWords(world, page, offset, encode(CMD_IOFENCE_C, { opcode: OPCODE.IOFENCE, func3: FUNC3.FENCE_C }));
        return go.acknowledge({ iommu });
      },
    ),
    acknowledge: step(
      'clears the errors in cqcsr: the queue goes on',
      { atomic: 'one write of cqcsr', cite: 'RISC-V IOMMU 5.15; riscv_iommu_cmdq_process()', transaction: true },
      (world, { iommu }) => {
        writel(world, iommu, REGISTER.cqcsr, ACKNOWLEDGED);
        return go.wait({ iommu });
      },
    ),
  }),
);

/** Where the command stands that the IOMMU has stopped at. */
function headPlace(world: World, iommu: number): { readonly page: number; readonly offset: number } {
  const at = readl(world, iommu, REGISTER.cqh) * COMMAND_BYTES;
  return { page: unitOf(world, iommu).commandQueue + (at >>> 12), offset: at & 0xfff };
}
