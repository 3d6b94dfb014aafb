import { DECISION_NAMES, type DecisionName } from '../../policy/decisions.ts';
import { PRESETS, type PresetName } from '../../policy/policy.ts';
import { below } from '../../sim/random.ts';
import { between, chance, type Draw, oneOf } from './draw.ts';

/** The silicon that the machine of a sequence has. */
export type Backend = 'smmuv3' | 'riscv';

/** Lines that build a machine with devices, of any kind that the language can name, and begin to use it. */
export function drawStage(draw: Draw, backend: Backend): string[] {
  const isScarce = chance(draw, 1, 6);
  const smmus = chance(draw, 1, 5) ? 2 : 1;
  const endpoints = Array.from({ length: between(draw, 1, 3) }, (_, index) => drawDevice(draw, index, smmus));
  const other = chance(draw, 1, 3) ? ['process tool user guest', 'mmap tool heap 32K rw-'] : [];
  const heap = backend === 'riscv' ? '0x2000000000' : '0x7f0000000000';
  const program = ['process app', `mmap app heap 64K rw- at ${heap}`, ...other];
  const machine = backend === 'riscv' ? drawRiscv(draw, isScarce, smmus) : drawSmmu(draw, isScarce, smmus);
  return [
    machine,
    `policy ${drawPolicy(draw)}`,
    ...endpoints,
    ...program,
    ...(isScarce ? hog(draw) : []),
    ...drawFirstUse(draw, endpoints.length),
  ];
}

/** Most sequences begin with a bind, some with a container of user space; the rest with neither. */
function drawFirstUse(draw: Draw, endpoints: number): string[] {
  const container = ['vfio open app box0', 'vfio add box0 dev0', ...(endpoints > 1 ? ['vfio add box0 dev1'] : [])];
  return oneOf(draw, [['bind app dev0'], ['bind app dev0'], ['bind app dev0'], [...container, 'vfio bind box0'], []]);
}

function drawSmmu(draw: Draw, isScarce: boolean, smmus: number): string {
  const streams = chance(draw, 1, 4) ? 'linear' : '2level';
  const contexts = chance(draw, 1, 3) ? 'linear' : '2level';
  const sizes = chance(draw, 1, 3)
    ? ` cmdq ${2 ** between(draw, 0, 3)} evtq ${2 ** below(draw, 3)} priq ${2 ** below(draw, 3)}`
    : '';
  const asids = oneOf(draw, [
    '',
    '',
    '',
    ' next-asid 1',
    ' asid-bits 4',
    ' asid-bits 3 next-asid 7',
    ' smmu-asid-bits 8 asid-bits 8',
  ]);
  const btm = chance(draw, 1, 3) ? ' btm on' : '';
  const httu = oneOf(draw, ['', '', ' httu access', ' httu dirty']);
  const misfit = chance(draw, 1, 30) ? oneOf(draw, [' oas 40', ' coherent off']) : '';
  const many = smmus > 1 ? ` smmus ${smmus}` : '';
  const frames = isScarce ? 128 * smmus : 1024;
  const stalls = chance(draw, 1, 2) ? ` stall-max ${between(draw, 0, 3)}` : '';
  const tables = `cd-table ${contexts} stream-table ${streams}`;
  return `machine smmuv3 ${tables} frames ${frames}${sizes}${asids}${btm}${httu}${misfit}${many}${stalls}`;
}

function drawRiscv(draw: Draw, isScarce: boolean, iommus: number): string {
  const paging = chance(draw, 1, 3) ? ' sv39' : '';
  const directory = oneOf(draw, ['', ' ddt 3', ' ddt 2', ' ddt 1', ' msi-flat on']);
  const sizes = chance(draw, 1, 3)
    ? ` cmdq ${2 ** between(draw, 1, 3)} evtq ${2 ** between(draw, 1, 2)} priq ${2 ** between(draw, 1, 2)}`
    : '';
  const ids = oneOf(draw, ['', '', '', ' next-asid 1', ' asid-bits 4', ' asid-bits 3 next-asid 7']);
  const misfit = chance(draw, 1, 20) ? ' oas 40' : '';
  const many = iommus > 1 ? ` smmus ${iommus}` : '';
  const frames = isScarce ? 128 * iommus : 1024;
  return `machine riscv${paging}${directory} frames ${frames}${sizes}${ids}${misfit}${many}`;
}

/** The designs that are meant to keep every promise: all but the one that is run with the bugs it was posted with. */
const SOUND = ['rfcv2', 'v2-2018', 'mainline'] as const satisfies readonly PresetName[];

/**
 * What is not mixed: VFIO binds only in designs whose drivers hear of exits, and those that wait for files have none whose
 * bonds VFIO would keep.
 */
const WHOLE: readonly DecisionName[] = ['vfio', 'exit-callback', 'exited-entry'];
const MIXED = DECISION_NAMES.filter((decision) => !WHOLE.includes(decision));

/** One of these designs as it is; of three, one answers a question as any of the others does. */
function drawPolicy(draw: Draw): string {
  const preset = oneOf(draw, SOUND);
  const isMixed = chance(draw, 1, 3);
  const own = isMixed ? [oneOf(draw, MIXED)].flatMap((decision) => decision ?? []) : [];
  return [preset, ...own.map((decision) => `${decision}=${oneOf(draw, soundAnswers(decision))}`)].join(',');
}

const soundAnswers = (decision: DecisionName): string[] => SOUND.map((preset) => PRESETS[preset].answers[decision]);

/** A process that takes most of a small memory, or all of it. */
function hog(draw: Draw): string[] {
  const pages = Array.from(
    { length: between(draw, 40, 110) },
    (_, page) => `store hog heap+0x${(page * 4096).toString(16)} 1`,
  );
  return ['process hog', 'mmap hog heap 1M rw- at 0x7f0000000000', ...pages];
}

/** Most can do all that SVM needs; some lack a capability, or have very little of something. */
export function drawDevice(draw: Draw, index: number, smmus: number): string {
  const smmu = below(draw, smmus);
  if (chance(draw, 1, 4)) return drawPlatformDevice(draw, index, smmu);
  const abilities = oneOf(draw, ['ats pri', 'ats pri', 'ats pri', 'ats pri', 'ats pri', 'ats', '']);
  const pasid = oneOf(draw, [' pasid 16', ' pasid 16', ' pasid 12', ' pasid 5', ' pasid 2', ' pasid 1', '']);
  const group = chance(draw, 1, 3) ? ` group ${7 + smmu}` : '';
  const domain = chance(draw, 1, 2) ? ` domain shared${smmu}` : '';
  const credits = chance(draw, 1, 3) ? ` credits ${between(draw, 1, 4)}` : '';
  const atc = chance(draw, 1, 4) ? ` atc ${between(draw, 1, 4)}` : '';
  const stop = chance(draw, 1, 2) ? ' stop marker' : '';
  const serial = chance(draw, 1, 8) ? ' unserialised' : '';
  const bus = chance(draw, 1, 12) ? '01' : '00';
  const behind = smmu > 0 ? ` smmu ${smmu}` : '';
  const rest = `${group}${domain}${behind}${credits}${atc}${stop}${serial}`;
  return `device dev${index} pci ${bus}:0${index + 1}.0 ${abilities}${pasid}${rest}`;
}

/** A device of the system on chip; nearly all can stall. */
function drawPlatformDevice(draw: Draw, index: number, smmu: number): string {
  const stall = chance(draw, 1, 8) ? '' : ' stall';
  const pasid = oneOf(draw, [' pasid 16', ' pasid 8', ' pasid 2', '']);
  const domain = chance(draw, 1, 2) ? ` domain stalling${smmu}` : '';
  return `device dev${index} platform${stall}${pasid}${domain}${smmu > 0 ? ` smmu ${smmu}` : ''}`;
}
