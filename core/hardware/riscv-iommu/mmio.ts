/** What a store of software to a register does: bits of its own, bits it clears by writing 1, and what it cannot change. */
import { readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { DDTP_MODE } from './device-directory.layout.ts';
import { notify, unmask } from './fault-queue.ts';
import { riscvIommus } from './iommu.ts';
import { MSI_CFG, MSI_CFG_TABLE, REGISTER, type Register } from './registers.layout.ts';
import { readRegister, registerField, setBit, writeRegister } from './registers.ts';

/** Bits of a word that a store sets as given, and those that it clears where it has 1; all others stay. RISC-V IOMMU 5. */
interface Mask {
  readonly own: number;
  readonly clears: number;
}
const READ_ONLY: Mask = { own: 0, clears: 0 };
const ALL: Mask = { own: 0xffff_ffff, clears: 0 };

const CQMF = 1 << 8;
const CMD_TO = 1 << 9;
const CMD_ILL = 1 << 10;
const FENCE_W_IP = 1 << 11;
const QUEUE_ERRORS = (1 << 8) | (1 << 9);
const ENABLES = 0b11;
const BUSY = 1 << 17;

/** By byte offset. A base can be written while its queue is off, and fctl while ddtp is Off. */
const MASKS: Readonly<Record<number, Mask>> = {
  [REGISTER.capabilities.offset]: READ_ONLY,
  [REGISTER.fctl.offset]: { own: 0b10, clears: 0 },
  [REGISTER.cqh.offset]: READ_ONLY,
  [REGISTER.fqt.offset]: READ_ONLY,
  [REGISTER.pqt.offset]: READ_ONLY,
  [REGISTER.cqcsr.offset]: { own: ENABLES, clears: CQMF | CMD_TO | CMD_ILL | FENCE_W_IP },
  [REGISTER.fqcsr.offset]: { own: ENABLES, clears: QUEUE_ERRORS },
  [REGISTER.pqcsr.offset]: { own: ENABLES, clears: QUEUE_ERRORS },
  [REGISTER.ipsr.offset]: { own: 0, clears: 0b1111 },
};

const QUEUES = [
  { csr: REGISTER.cqcsr, base: REGISTER.cqb, index: REGISTER.cqt, at: REGISTER.cqh },
  { csr: REGISTER.fqcsr, base: REGISTER.fqb, index: REGISTER.fqh, at: REGISTER.fqt },
  { csr: REGISTER.pqcsr, base: REGISTER.pqb, index: REGISTER.pqh, at: REGISTER.pqt },
] as const;
const ON = 1 << 16;

/** Reads 32 bits at a byte offset of the registers. */
export function loadRegister(world: World, iommu: number, offset: number): number {
  return readWord(world, riscvIommus.get(world, iommu).page, offset);
}

/** Stores 32 bits at a byte offset of the registers. */
export function storeRegister(world: World, iommu: number, offset: number, value: number): void {
  const { page } = riscvIommus.get(world, iommu);
  const before = readWord(world, page, offset);
  const { own, clears } = offset < 4 ? READ_ONLY : (MASKS[offset] ?? ALL);
  if (own === 0 && clears === 0) return;
  if (isLocked(world, iommu, offset)) return;
  writeWord(world, page, offset, (before & ~own & ~(value & clears)) | (value & own));
  afterStore(world, iommu, offset, before);
}

/** A register that software may not change now: the result of such a store is unspecified, and here it is lost. */
function isLocked(world: World, iommu: number, offset: number): boolean {
  for (const { csr, base, index } of QUEUES) {
    const isOn = (readRegister(world, iommu, csr) & (ON | BUSY)) !== 0;
    if (isOn && (offset === base.offset || offset === base.offset + 4)) return true;
    if (offset === csr.offset && (readRegister(world, iommu, csr) & BUSY) !== 0) return true;
    if (offset === index.offset) return false;
  }
  const isOff = registerField(world, iommu, REGISTER.ddtp, 'iommu_mode') === DDTP_MODE.Off;
  if (offset === REGISTER.fctl.offset) return !isOff;
  return offset === REGISTER.ddtp.offset && registerField(world, iommu, REGISTER.ddtp, 'busy') === 1;
}

function afterStore(world: World, iommu: number, offset: number, before: number): void {
  if (offset === REGISTER.ddtp.offset) settleMode(world, iommu, before);
  if (offset === REGISTER.fctl.offset) settleWires(world, iommu);
  for (const { csr, base, index } of QUEUES) {
    const value = readRegister(world, iommu, csr);
    if (offset === csr.offset && ((value & 1) !== 0) !== ((value & ON) !== 0)) {
      writeRegister(world, iommu, csr, value | BUSY);
    }
    // An index has as many bits as the queue needs. RISC-V IOMMU 5.8, 5.10, 5.13.
    const size = 2 ** (registerField(world, iommu, base, 'LOG2SZ_1') + 1);
    if (offset === index.offset) writeRegister(world, iommu, index, readRegister(world, iommu, index) % size);
  }
  if (offset === REGISTER.ipsr.offset || QUEUES.some(({ csr }) => csr.offset === offset)) renew(world, iommu);
  const entry = offset - MSI_CFG_TABLE;
  const isControl = entry >= 0 && entry % MSI_CFG.size === 12;
  if (isControl && (loadRegister(world, iommu, offset) & 1) === 0)
    unmask(world, iommu, Math.floor(entry / MSI_CFG.size));
}

/** Modes come and go through Off and Bare only, and a reserved one changes nothing. RISC-V IOMMU 5.5. */
function settleMode(world: World, iommu: number, before: number): void {
  const was = before & 0xf;
  const now = registerField(world, iommu, REGISTER.ddtp, 'iommu_mode');
  const isLevel = (mode: number): boolean => mode >= DDTP_MODE['1LVL'];
  const isLegal = now <= DDTP_MODE['3LVL'] && !(isLevel(was) && isLevel(now) && was !== now);
  const value = readRegister(world, iommu, REGISTER.ddtp) & ~0x1f;
  writeRegister(world, iommu, REGISTER.ddtp, value | (isLegal ? now : was) | (isLegal && was !== now ? 1 << 4 : 0));
}

/** fctl.WSI is what capabilities.IGS allows. RISC-V IOMMU 5.4. */
function settleWires(world: World, iommu: number): void {
  const igs = registerField(world, iommu, REGISTER.capabilities, 'IGS');
  if (igs < 2) setBit(world, iommu, REGISTER.fctl, 'WSI', igs === 1);
}

/** A pending bit that was cleared is set again while what it stands for is still there. RISC-V IOMMU 5.18. */
function renew(world: World, iommu: number): void {
  const errors = (register: Register, mask: number): boolean => {
    const value = readRegister(world, iommu, register);
    return (value & 0b10) !== 0 && (value & mask) !== 0;
  };
  if (errors(REGISTER.cqcsr, CQMF | CMD_TO | CMD_ILL | FENCE_W_IP)) notify(world, iommu, 'command');
  if (errors(REGISTER.fqcsr, QUEUE_ERRORS)) notify(world, iommu, 'fault');
  if (errors(REGISTER.pqcsr, QUEUE_ERRORS)) notify(world, iommu, 'page');
}

/** Whether a change of a register waits to be taken over. */
export function pendingChange(world: World, iommu: number): Register | null {
  const queue = QUEUES.find(({ csr }) => (readRegister(world, iommu, csr) & BUSY) !== 0);
  if (queue !== undefined) return queue.csr;
  return registerField(world, iommu, REGISTER.ddtp, 'busy') === 1 ? REGISTER.ddtp : null;
}

/** Takes a change over. A queue that goes on is empty, and has no errors. RISC-V IOMMU 5.15 to 5.17. */
export function takeOver(world: World, iommu: number, register: Register): void {
  const queue = QUEUES.find(({ csr }) => csr === register);
  if (queue === undefined) {
    setBit(world, iommu, REGISTER.ddtp, 'busy', false);
    return;
  }
  const value = readRegister(world, iommu, queue.csr) & ENABLES;
  const isOn = (value & 1) !== 0;
  writeRegister(world, iommu, queue.csr, isOn ? value | ON : value);
  if (isOn) writeRegister(world, iommu, queue.at, 0);
}
