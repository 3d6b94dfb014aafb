/** The registers as the SMMU itself sees them: words of its register pages. SMMUv3 6.3. */
import { send } from '../../sim/telling.ts';
import { readWord, wordsOf, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { raise } from '../irq.ts';
import { getField } from '../layout.ts';
import { REGISTER, type Register } from './registers.layout.ts';
import { smmus } from './smmu.ts';

/** Address sizes by the code of IDR5.OAS and CD.IPS. */
const ADDRESS_BITS = [32, 36, 40, 42, 44, 48, 52];

function pageOf(world: World, smmu: number, register: Register): number {
  return smmus.get(world, smmu).page + (register.offset >>> 12);
}

/** The lower 32 bits of a register. */
export function readRegister(world: World, smmu: number, register: Register): number {
  return readWord(world, pageOf(world, smmu, register), register.offset & 0xfff);
}

export function writeRegister(world: World, smmu: number, register: Register, value: number): void {
  writeWord(world, pageOf(world, smmu, register), register.offset & 0xfff, value);
}

export function registerField<F extends string>(world: World, smmu: number, register: Register<F>, name: F): number {
  const words = wordsOf(world, pageOf(world, smmu, register));
  return getField(words, register.layout.fields[name], (register.offset & 0xfff) >>> 2);
}

/** A bit of CR0 counts once CR0ACK shows it. SMMUv3 6.3.10. */
export function isEnabled(world: World, smmu: number, bit: 'SMMUEN' | 'PRIQEN' | 'EVENTQEN' | 'CMDQEN' | 'ATSCHK') {
  return registerField(world, smmu, REGISTER.CR0ACK, bit) === 1;
}

/** Bits in a physical address, by the code of CD.IPS; a reserved code means as many as the SMMU has. SMMUv3 6.3.6. */
export function outputBits(world: World, smmu: number, ips: number): number {
  const most = ADDRESS_BITS[registerField(world, smmu, REGISTER.IDR5, 'OAS')] ?? 48;
  return Math.min(most, ADDRESS_BITS[ips] ?? most);
}

type GlobalError = keyof typeof REGISTER.GERROR.layout.fields;

/** GERROR and GERRORN differ in the bit. SMMUv3 6.3.18. */
export function isErrorActive(world: World, smmu: number, error: GlobalError): boolean {
  return registerField(world, smmu, REGISTER.GERROR, error) !== registerField(world, smmu, REGISTER.GERRORN, error);
}

/** Toggles the bit of GERROR if the error is not active already, and interrupts. SMMUv3 7.5. */
export function raiseError(world: World, smmu: number, error: GlobalError): void {
  if (isErrorActive(world, smmu, error)) return;
  const bit = 1 << REGISTER.GERROR.layout.fields[error].lo;
  writeRegister(world, smmu, REGISTER.GERROR, readRegister(world, smmu, REGISTER.GERROR) ^ bit);
  if (registerField(world, smmu, REGISTER.IRQ_CTRLACK, 'GERROR_IRQEN') === 0) return;
  const { name, errorIrq } = smmus.get(world, smmu);
  raise(world, errorIrq);
  send(world, 'wakeup', name, 'smmu-driver', `global error interrupt ${error}`);
}
