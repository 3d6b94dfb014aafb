/** Circular queues: an index and above it a wrap bit, so that all 2^log2Size entries can be used. SMMUv3 3.5.1. */

/** Flag above the index: OVFLG of a producer register, OVACKFLG of a consumer register. */
const FLAG = 0x8000_0000;
/** Bits 19:0 of the pointer registers: RD and WR. */
const POINTER = 0xf_ffff;

export function indexOf(pointer: number, log2Size: number): number {
  return pointer & ((1 << log2Size) - 1);
}

/** Same index and same wrap. */
export function isEmpty(prod: number, cons: number, log2Size: number): boolean {
  return ((prod ^ cons) & ((2 << log2Size) - 1)) === 0;
}

/** Same index, but the producer has wrapped once more. */
export function isFull(prod: number, cons: number, log2Size: number): boolean {
  return ((prod ^ cons) & ((2 << log2Size) - 1)) === 1 << log2Size;
}

/** The register after one more entry; its flags stay. */
export function advance(register: number, log2Size: number): number {
  const next = ((register & POINTER) + 1) & ((2 << log2Size) - 1);
  return ((register & ~POINTER) | next) >>> 0;
}

/** An entry was lost and software has not said that it knows: OVFLG differs from OVACKFLG. SMMUv3 7.4. */
export function hasOverflowed(prod: number, cons: number): boolean {
  return ((prod ^ cons) & FLAG) !== 0;
}

/** The producer register with OVFLG toggled. */
export function toggleOverflow(prod: number): number {
  return (prod ^ FLAG) >>> 0;
}
