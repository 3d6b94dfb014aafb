/** The registers as the IOMMU itself sees them: words of its register page. RISC-V IOMMU 5. */
import { readWord, wordsOf, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { getField } from '../layout.ts';
import { riscvIommus } from './iommu.ts';
import { REGISTER, type Register } from './registers.layout.ts';

/** The lower 32 bits of a register. */
export function readRegister(world: World, iommu: number, register: Register): number {
  return readWord(world, riscvIommus.get(world, iommu).page, register.offset);
}

export function writeRegister(world: World, iommu: number, register: Register, value: number): void {
  writeWord(world, riscvIommus.get(world, iommu).page, register.offset, value);
}

export function registerField<F extends string>(world: World, iommu: number, register: Register<F>, name: F): number {
  const words = wordsOf(world, riscvIommus.get(world, iommu).page);
  return getField(words, register.layout.fields[name], register.offset >>> 2);
}

/** Sets or clears one bit of a register. */
export function setBit<F extends string>(world: World, iommu: number, register: Register<F>, name: F, on: boolean) {
  const bit = 2 ** (register.layout.fields[name].lo & 31);
  const value = readRegister(world, iommu, register);
  writeRegister(world, iommu, register, on ? value | bit : value & ~bit);
}

export type Capability = keyof typeof REGISTER.capabilities.layout.fields;

/** A field of `capabilities`. */
export function capability(world: World, iommu: number, name: Capability): number {
  return registerField(world, iommu, REGISTER.capabilities, name);
}

export function isCapable(world: World, iommu: number, name: Capability): boolean {
  return capability(world, iommu, name) === 1;
}

/** First page number beyond what the IOMMU can address. */
export function physicalEnd(world: World, iommu: number): number {
  return 2 ** (capability(world, iommu, 'PAS') - 12);
}
