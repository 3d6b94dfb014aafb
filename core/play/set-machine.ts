/** The commands that say what machine it is: its architecture, and what its IOMMUs can do. */
import { backEndFor } from '../hardware/back-end.ts';
import type { PageFormatName } from '../hardware/page-format.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { type Abilities, USUAL_ABILITIES, whyNotRiscv } from '../machine/abilities.ts';
import type { CacheShape, CommandOf } from '../script/index.ts';
import { type Play, type Refused, refuse, type Said, said } from './play.ts';
import { replacementOf } from './plug-in.ts';

/** What stands in front of memory, by the word in `machine`. */
export const BACKENDS: readonly string[] = ['smmuv3', 'riscv'];
const MIN_FRAMES = 32;
const MAX_FRAMES = 65_536;
/** Of an IOTLB: what its storage has room for. */
const MAX_IOTLB = 1024;
/** Ways of each set of an IOTLB that the line gives a number of entries only. */
const USUAL_WAYS = 4;

/** Queues with the most entries that a line can give them, as powers of two. */
const QUEUES = [
  { field: 'cmdq', name: 'command', most: 8 },
  { field: 'evtq', name: 'event', most: 7 },
  { field: 'priq', name: 'PRI', most: 7 },
] as const;

/** machine: what there is before anything runs; it must come before whatever uses the machine. */
export function setMachine(play: Play, given: CommandOf<'machine'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: its line must come first');
  if (!BACKENDS.includes(given.backend)) return refuse('ENODEV', `there is no back end ${given.backend}`);
  const command = onBackEnd(given, play.options.paging);
  const own = abilitiesOf(command, USUAL_ABILITIES);
  const misplaced = misplacedOption(command) ?? (command.backend === 'riscv' ? whyNotRiscv(own) : null);
  if (misplaced !== null) return refuse('EINVAL', misplaced);
  const frames = command.frames ?? play.hardware.frames;
  if (frames < MIN_FRAMES || frames > MAX_FRAMES) {
    return refuse('ERANGE', `memory has ${MIN_FRAMES} to ${MAX_FRAMES} frames`);
  }
  const { hardware } = play;
  const iotlb = command.iotlb === null ? hardware.iotlb : iotlbOf(command, command.iotlb);
  if (iotlb !== null && iotlb.sets * iotlb.ways > MAX_IOTLB) {
    return refuse('ERANGE', `an IOTLB has at most ${MAX_IOTLB} entries`);
  }
  const asidBits = command.asidBits ?? hardware.asidBits;
  const nextAsid = command.nextAsid ?? Math.min(hardware.nextAsid, 2 ** asidBits / 2);
  if (nextAsid >= 2 ** asidBits) return refuse('ERANGE', `an ASID of ${asidBits} bits is below ${2 ** asidBits}`);
  const tooLong = QUEUES.find(({ field, most }) => (command[field] ?? 1) > 2 ** most);
  if (tooLong !== undefined)
    return refuse('ERANGE', `its ${tooLong.name} queue has at most ${2 ** tooLong.most} entries`);
  const bits = (entries: number | null, usual: number): number => (entries === null ? usual : Math.log2(entries));
  const { directoryLevels, extended } = hardware.riscv;
  play.hardware = {
    ...hardware,
    frames,
    contexts: command.cdTable ?? hardware.contexts,
    streams: command.streamTable ?? hardware.streams,
    commandBits: bits(command.cmdq, hardware.commandBits),
    eventBits: bits(command.evtq, hardware.eventBits),
    priBits: bits(command.priq, hardware.priBits),
    asidBits,
    nextAsid,
    iotlb,
    paging: command.backend === 'riscv' ? (command.paging ?? 'sv48') : 'arm64',
    smmus: Array.from({ length: command.smmus ?? 1 }, () => own),
    riscv: {
      directoryLevels: command.ddt === null ? directoryLevels : LEVELS[command.ddt],
      extended: command.msiFlat === null ? extended : command.msiFlat === 'on',
    },
  };
  return said();
}

const LEVELS = { '1': 1, '2': 2, '3': 3 } as const;

/** Of so many entries, each set has four where that leaves a power of two of sets; else there is one set. */
function iotlbOf(command: CommandOf<'machine'>, { sets, ways }: CacheShape): Geometry {
  const how = replacementOf(command.iotlbReplacement, command.iotlbSeed);
  if (sets !== null) return { sets, ways, ...how };
  const rows = ways / USUAL_WAYS;
  return Number.isInteger(Math.log2(rows)) ? { sets: rows, ways: USUAL_WAYS, ...how } : { sets: 1, ways, ...how };
}

/** The line as it is on the back end that was chosen instead of its own: the shape of tables that this has not is left out. */
export function onBackEnd(command: CommandOf<'machine'>, paging: PageFormatName | undefined): CommandOf<'machine'> {
  if (paging === undefined) return command;
  const { machine } = backEndFor(paging);
  if (paging === 'arm64') return { ...command, backend: machine, paging: null, ddt: null, msiFlat: null };
  return { ...command, backend: machine, paging, cdTable: null, streamTable: null };
}

/** An option of one architecture that the line gives to another; null if there is none. */
function misplacedOption({ backend, paging, ddt, msiFlat, cdTable, streamTable }: CommandOf<'machine'>): string | null {
  if (backend === 'riscv') {
    const isGiven = cdTable !== null || streamTable !== null;
    return isGiven ? 'a RISC-V IOMMU has directories, and no stream table or PASID table: say ddt or ssid-bits' : null;
  }
  if (ddt !== null || msiFlat !== null) return 'ddt and msi-flat are for a RISC-V IOMMU: an SMMU has a stream table';
  return paging === null ? null : `${paging} is for RISC-V: the page tables of an arm64 machine are its own`;
}

/** smmu: what one of several IOMMUs can do, where it differs from the others. */
export function setSmmu(play: Play, command: CommandOf<'smmu'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: what its IOMMUs can do must come first');
  const { smmus, paging } = play.hardware;
  const known = smmus[command.smmu];
  if (known === undefined) return refuse('ENODEV', `the machine has no IOMMU ${command.smmu}: say smmus`);
  const own = abilitiesOf(command, known);
  const why = paging === 'arm64' ? null : whyNotRiscv(own);
  if (why !== null) return refuse('EINVAL', why);
  play.hardware = { ...play.hardware, smmus: smmus.with(command.smmu, own) };
  return said();
}

/** What an IOMMU can do by what a line says, the rest as it was. */
function abilitiesOf(command: CommandOf<'machine' | 'smmu'>, known: Abilities): Abilities {
  return {
    outputBits: command.outputBits === null ? known.outputBits : Number(command.outputBits),
    coherent: command.coherent === null ? known.coherent : command.coherent === 'on',
    asidBits: command.smmuAsidBits === null ? known.asidBits : command.smmuAsidBits === '8' ? 8 : 16,
    streamBits: command.streamBits ?? known.streamBits,
    substreamBits: command.substreamBits ?? known.substreamBits,
    broadcast: command.broadcast === null ? known.broadcast : command.broadcast === 'on',
    updates: command.updates ?? known.updates,
    stallMax: command.stallMax ?? known.stallMax,
  };
}
