/** What each command does: decoded once, checked, and carried out on the caches. RISC-V IOMMU 3.1. */
import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import { dropLines } from '../config-cache.ts';
import { getField, type Layout } from '../layout.ts';
import { type Link, linkTo } from '../pcie/link.ts';
import { invalidate, type TlbMatch } from '../tlb.ts';
import { CMD_ATS, CMD_IODIR, CMD_IOFENCE_C, CMD_IOTINVAL, commandLayout, FUNC3, OPCODE } from './commands.layout.ts';
import { isTooWide, SEGMENT_GIVEN } from './device-directory.ts';
import { ddtCache, iotlb, overtakeUnit, pdtCache } from './iommu.ts';
import { REGISTER } from './registers.layout.ts';
import { isCapable, registerField } from './registers.ts';
import { hasAny, reservedBits } from './reserved.ts';

/** The four 32-bit words of a command. */
export type CommandWords = Uint32Array;

/** What remains to be done once a command was read. */
export type Effect =
  | { readonly kind: 'illegal' }
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'fence' }
  | { readonly kind: 'invalidate' | 'respond'; readonly link: number };

const ILLEGAL: Effect = { kind: 'illegal' };
const RESERVED = new Map<Layout, Uint32Array>(
  [CMD_IOTINVAL, CMD_IOFENCE_C, CMD_IODIR, CMD_ATS].map((layout) => [layout, reservedBits(layout)]),
);

/** Carries out what needs no waiting, and says what is left. A reserved code or bit makes a command illegal. */
export function execute(world: World, iommu: number, words: CommandWords): Effect {
  const layout = commandLayout(words[0] ?? 0);
  const reserved = layout === null ? undefined : RESERVED.get(layout);
  if (reserved === undefined || hasAny(words, reserved)) return ILLEGAL;
  switch ((words[0] ?? 0) & 0x7f) {
    case OPCODE.IOTINVAL:
      return invalidateTranslations(world, iommu, words);
    case OPCODE.IOFENCE:
      return checkFence(world, iommu, words);
    case OPCODE.IODIR:
      return invalidateDirectories(world, iommu, words);
    default:
      return sendToDevice(world, iommu, words);
  }
}

/** IOTINVAL: only the host's translations are kept here, so one for virtual machines drops none. RISC-V IOMMU 3.1.1. */
function invalidateTranslations(world: World, iommu: number, words: CommandWords): Effect {
  const field = (name: keyof typeof CMD_IOTINVAL.fields): number => getField(words, CMD_IOTINVAL.fields[name]);
  const func3 = field('func3');
  if (func3 > FUNC3.GVMA || (func3 === FUNC3.GVMA && field('PSCV') === 1)) return ILLEGAL;
  if (field('NL') === 1 && !isCapable(world, iommu, 'NL')) return ILLEGAL;
  if (field('S') === 1 && !isCapable(world, iommu, 'S')) return ILLEGAL;
  overtakeUnit(world, iommu);
  if (func3 === FUNC3.GVMA || field('GV') === 1)
    return { kind: 'done', text: 'no virtual machine has translations here' };
  const dropped = invalidate(world, iotlb(world, iommu), matchOf(field));
  return { kind: 'done', text: `it drops ${dropped === 1 ? 'one entry' : `${dropped} entries`} of the IOTLB` };
}

/** What AV and PSCV choose: an address space keeps what is global. RISC-V IOMMU 3.1.1, table of operands. */
function matchOf(field: (name: keyof typeof CMD_IOTINVAL.fields) => number): TlbMatch {
  const space = field('PSCV') === 1 ? { asid: field('PSCID'), keepGlobal: true } : {};
  if (field('AV') === 0) return space;
  return { ...space, ...rangeOf(field('ADDR'), field('S')) };
}

/** With S, the low run of ones in ADDR and the zero above it say the size, as in ATS. RISC-V IOMMU 7 (address range). */
function rangeOf(page: number, s: number): { readonly page: number; readonly span: number } {
  let span = s;
  for (let rest = page; s === 1 && rest % 2 === 1 && span < 52; rest = Math.floor(rest / 2)) span++;
  return { page: page - (page % 2 ** span), span };
}

function checkFence(world: World, iommu: number, words: CommandWords): Effect {
  const isLegal = getField(words, CMD_IOFENCE_C.fields.func3) === FUNC3.FENCE_C;
  // WSI is for an IOMMU that interrupts by wires. RISC-V IOMMU 3.1.2.
  const isWired = registerField(world, iommu, REGISTER.fctl, 'WSI') === 1;
  return isLegal && (isWired || getField(words, CMD_IOFENCE_C.fields.WSI) === 0) ? { kind: 'fence' } : ILLEGAL;
}

/** IODIR: translations stay. RISC-V IOMMU 3.1.3. */
function invalidateDirectories(world: World, iommu: number, words: CommandWords): Effect {
  const field = (name: keyof typeof CMD_IODIR.fields): number => getField(words, CMD_IODIR.fields[name]);
  const device = field('DID');
  const process = field('PID');
  const isOne = field('DV') === 1;
  if (field('func3') > FUNC3.INVAL_PDT || (isOne && isTooWide(world, iommu, device))) return ILLEGAL;
  if (field('func3') === FUNC3.INVAL_PDT) {
    if (!isOne || process >= processEnd(world, iommu)) return ILLEGAL;
    overtakeUnit(world, iommu);
    const dropped = dropLines(world, pdtCache(world, iommu), (did, pid) => did === device && pid === process);
    return { kind: 'done', text: `it drops ${dropped} process context${dropped === 1 ? '' : 's'}` };
  }
  if (process !== 0) return ILLEGAL;
  overtakeUnit(world, iommu);
  const fits = (did: number): boolean => !isOne || did === device;
  const contexts = dropLines(world, ddtCache(world, iommu), fits);
  const processes = dropLines(world, pdtCache(world, iommu), fits);
  return { kind: 'done', text: `it drops ${contexts} device and ${processes} process contexts` };
}

/** The first process_id that no directory of this IOMMU can have. RISC-V IOMMU 3.1.3. */
function processEnd(world: World, iommu: number): number {
  if (isCapable(world, iommu, 'PD20')) return 2 ** 20;
  return isCapable(world, iommu, 'PD17') ? 2 ** 17 : 2 ** 8;
}

function sendToDevice(world: World, iommu: number, words: CommandWords): Effect {
  const func3 = getField(words, CMD_ATS.fields.func3);
  if (!isCapable(world, iommu, 'ATS') || func3 > FUNC3.ATS_PRGR) return ILLEGAL;
  const link = addressee(world, iommu, words);
  // A message to nobody is lost on the way; nothing of the IOMMU waits for it.
  if (link === null) return { kind: 'done', text: 'there is no such device' };
  return { kind: func3 === FUNC3.ATS_INVAL ? 'invalidate' : 'respond', link: link.id };
}

/** The link to the device that a command names; with DSV, its segment is part of its address. */
function addressee(world: World, iommu: number, words: CommandWords): Link | null {
  const field = (name: 'RID' | 'DSV' | 'DSEG'): number => getField(words, CMD_ATS.fields[name]);
  const segment = field('DSV') === 1 ? SEGMENT_GIVEN + field('DSEG') * 2 ** 16 : 0;
  return linkTo(world, iommu, segment + field('RID'));
}

/** PASID, and the body of the message that a command sends. */
export function messageOf(words: CommandWords): { readonly pasid: number; readonly lo: number; readonly hi: number } {
  const field = (name: keyof typeof CMD_ATS.fields): number => getField(words, CMD_ATS.fields[name]);
  return { pasid: field('PV') === 1 ? field('PID') : -1, lo: field('PAYLOAD_LO'), hi: field('PAYLOAD_HI') };
}

/** The specification's name of a command, with the page or the address space that it names. */
export function commandName(words: CommandWords): string {
  const func3 = ((words[0] ?? 0) >>> 7) & 7;
  switch ((words[0] ?? 0) & 0x7f) {
    case OPCODE.IOTINVAL:
      return `${func3 === FUNC3.VMA ? 'IOTINVAL.VMA' : 'IOTINVAL.GVMA'}${operandOf(words)}`;
    case OPCODE.IOFENCE:
      return 'IOFENCE.C';
    case OPCODE.IODIR:
      return func3 === FUNC3.INVAL_DDT ? 'IODIR.INVAL_DDT' : 'IODIR.INVAL_PDT';
    case OPCODE.ATS:
      return func3 === FUNC3.ATS_INVAL ? 'ATS.INVAL' : 'ATS.PRGR';
    default:
      return `command 0x${((words[0] ?? 0) & 0x7f).toString(16)}`;
  }
}

function operandOf(words: CommandWords): string {
  const { AV, ADDR, PSCV, PSCID } = CMD_IOTINVAL.fields;
  const page = getField(words, AV) === 1 ? ` of ${shortPage(getField(words, ADDR))}` : '';
  return getField(words, PSCV) === 1 ? `${page} in PSCID ${getField(words, PSCID)}` : page;
}
