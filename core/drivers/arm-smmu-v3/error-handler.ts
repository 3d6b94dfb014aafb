import { clear, isPending } from '../../hardware/irq.ts';
import { encode, getField, type Layout } from '../../hardware/layout.ts';
import { CMD_SYNC, OPCODE, SYNC_SIGNAL } from '../../hardware/smmuv3/commands.layout.ts';
import { CERROR, REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { describeCommand } from './describe.ts';
import { readl, unitOf, writel } from './unit.ts';

const COMMAND_BYTES = 16;
const ERRORS: Layout = REGISTER.GERROR.layout;

/** What the kernel prints of each error, without "device has entered Service Failure Mode!" (this SMMU has none). */
const WORDS: Readonly<Record<string, string>> = {
  EVENTQ_ABT_ERR: 'event queue write aborted, events may have been lost',
  PRIQ_ABT_ERR: 'PRI queue write aborted, page requests may have been lost',
  MSI_CMDQ_ABT_ERR: 'the message of a CMD_SYNC was aborted',
};

/** The interrupt handler of global errors, arm_smmu_gerror_handler(). It is one for each SMMU, and may not sleep. */
export const errorHandler = procedure(
  'arm_smmu_gerror_handler',
  'smmu-driver',
  { wait: ['smmu'], read: ['smmu'], skip: ['smmu', 'active'], acknowledge: ['smmu', 'active'] },
  (go) => ({
    wait: step(
      'is woken by the interrupt of a global error',
      {
        when: (world, { smmu }) => isPending(world, smmus.get(world, smmu).errorIrq),
        wait: 'sleep',
        awaits: 'a global error',
        cost: 'interrupt',
        cite: 'SMMUv3 7.5; arm_smmu_gerror_handler()',
      },
      (world, { smmu }) => {
        clear(world, smmus.get(world, smmu).errorIrq);
        return go.read({ smmu });
      },
    ),
    read: step(
      'sees what is wrong: {errors}',
      { cite: 'SMMUv3 6.3.18, 6.3.19; arm_smmu_gerror_handler()' },
      (world, { smmu }): Next => {
        const active = readl(world, smmu, REGISTER.GERROR) ^ readl(world, smmu, REGISTER.GERRORN);
        const names = Object.keys(ERRORS.fields).filter((name) => isIn(active, name));
        const words = names.map((name) => WORDS[name] ?? name);
        tell(world, { errors: words.join('; ') || 'nothing any more', fault: names.length > 0 ? 1 : 0 });
        if (names.length === 0) return go.wait({ smmu });
        reach(world, 'event.printed');
        return isIn(active, 'CMDQ_ERR') ? go.skip({ smmu, active }) : go.acknowledge({ smmu, active });
      },
    ),
    skip: step(
      'finds {reason} at {command}: {what}',
      { atomic: 'cmdq lock', cite: 'SMMUv3 7.1; arm_smmu_cmdq_skip_err()' },
      (world, { smmu, active }) => {
        const place = headPlace(world, smmu);
        const words = readWords(world, place.page, place.offset, 4, new Uint32Array(4));
        const reason = getField([readl(world, smmu, REGISTER.CMDQ_CONS)], REGISTER.CMDQ_CONS.layout.fields.ERR);
        tell(world, { command: describeCommand(words), reason: reasonInWords(reason), what: 'it is tried again' });
        if (reason === CERROR.ILL) {
          tell(world, { what: 'it becomes a CMD_SYNC' });
          writeWords(world, place.page, place.offset, encode(CMD_SYNC, { opcode: OPCODE.SYNC, CS: SYNC_SIGNAL.SEV }));
        }
        return go.acknowledge({ smmu, active });
      },
    ),
    acknowledge: step(
      'acknowledges in GERRORN',
      { atomic: 'one register write', cite: 'SMMUv3 6.3.19; arm_smmu_gerror_handler()', transaction: true },
      (world, { smmu, active }) => {
        writel(world, smmu, REGISTER.GERRORN, (readl(world, smmu, REGISTER.GERRORN) ^ active) >>> 0);
        return go.wait({ smmu });
      },
    ),
  }),
);

function isIn(active: number, name: string): boolean {
  const field = ERRORS.fields[name];
  return field !== undefined && getField([active], field) === 1;
}

function reasonInWords(reason: number): string {
  const name = Object.entries(CERROR).find(([, code]) => code === reason)?.[0] ?? String(reason);
  return `CERROR_${name}`;
}

/** Where the command stands that the SMMU has stopped at. */
function headPlace(world: World, smmu: number): { page: number; offset: number } {
  const { commandBits, commandQueue } = unitOf(world, smmu);
  const at = (readl(world, smmu, REGISTER.CMDQ_CONS) & (2 ** commandBits - 1)) * COMMAND_BYTES;
  return { page: commandQueue + (at >>> 12), offset: at & 0xfff };
}
