/** Answers to devices: translations they asked for, and how a transaction ends that may not go on. */
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import { complete } from '../pcie/completer.ts';
import { links, type Message, type Status, sendDown } from '../pcie/link.ts';
import { ATS_COMPLETION } from '../pcie/messages.layout.ts';
import { RIGHT } from '../tlb.ts';
import { SILENT } from './configuration.ts';
import { cdField } from './context.ts';
import { isTranslationClass } from './event-queue.ts';
import { EVENT } from './events.layout.ts';
import type { Translation } from './iotlb.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';

/** How a transaction ends that is not carried out; a number, because locals are. */
export const ENDING = { zero: 0, unsupported: 1, abort: 2 } as const;

const STATUS: Readonly<Record<number, Status>> = {
  [ENDING.zero]: 'success',
  [ENDING.unsupported]: 'UR',
  [ENDING.abort]: 'CA',
};

export interface Verdict {
  /** Of ENDING. */
  readonly ending: number;
  readonly isRecorded: boolean;
  /** Not ended: it is held until software answers. */
  readonly isStalled: boolean;
}

/** What an event means for the device and for the event queue; `cd` is -1 before one was found. */
export function judge(world: World, smmu: number, message: Message, event: number, cd: number): Verdict {
  if (message.kind === 'translation-request') return judgeRequest(world, smmu, event);
  if (event === SILENT) return { ending: ENDING.unsupported, isRecorded: false, isStalled: false };
  if (isTranslationClass(event)) return judgeByContext(world, smmu, cd);
  return { ending: ENDING.unsupported, isRecorded: isStreamRecorded(world, smmu, event), isStalled: false };
}

/** CD.A, R and S: a fault that stalls is recorded whatever R says. SMMUv3 5.5. */
function judgeByContext(world: World, smmu: number, cd: number): Verdict {
  const isSet = (name: 'A' | 'R' | 'S'): boolean => cdField(world, smmu, cd, name) === 1;
  const ending = isSet('A') ? ENDING.unsupported : ENDING.zero;
  return { ending, isRecorded: isSet('R') || isSet('S'), isStalled: isSet('S') };
}

/** Translation Requests: CD.A, R and S do not matter. SMMUv3 3.9.1. */
function judgeRequest(world: World, smmu: number, event: number): Verdict {
  const isStalled = false;
  if (event === SILENT) return { ending: ENDING.unsupported, isRecorded: false, isStalled };
  if (event === EVENT.F_BAD_ATS_TREQ) return { ending: ENDING.unsupported, isRecorded: true, isStalled };
  const records = registerField(world, smmu, REGISTER.CR2, 'REC_CFG_ATS') === 1;
  return { ending: ENDING.abort, isRecorded: records && isStreamRecorded(world, smmu, event), isStalled };
}

function isStreamRecorded(world: World, smmu: number, event: number): boolean {
  return event !== EVENT.C_BAD_STREAMID || registerField(world, smmu, REGISTER.CR2, 'RECINVSID') === 1;
}

/** Answers a Translation Request with one page; Exe only where it was asked for and reading is granted too. No rights are R=W=0. */
export function sendTranslation(world: World, message: Message, { output, rights }: Translation): string {
  const R = has(rights, RIGHT.read);
  const W = has(rights, RIGHT.write);
  const Exe = R & message.exec & has(rights, RIGHT.execute);
  const granted = (R | W) === 0 ? {} : { R, W, Exe, Priv: message.priv, Addr: output };
  const body = encode(ATS_COMPLETION, granted);
  const { pasid, tag } = message;
  const words = { lo: body[0] ?? 0, hi: body[1] ?? 0 };
  sendDown(world, message.link, { kind: 'translation-completion', pasid, tag, status: 'success', ...words });
  return rightsInWords(R, W, Exe);
}

function has(rights: number, right: number): number {
  return (rights & right) === 0 ? 0 : 1;
}

/** Permissions as people write them: rw-, r-x. */
function rightsInWords(R: number, W: number, Exe: number): string {
  return `${R ? 'r' : '-'}${W ? 'w' : '-'}${Exe ? 'x' : '-'}`;
}

/** Tells the device that its transaction was not carried out. A posted write is not answered: nobody waits for that. */
export function sendEnding(world: World, message: Message, ending: number): boolean {
  return complete(world, message, endingOn(world, message.link, ending));
}

/** How a device hears of an ending: the system interconnect knows one way of refusing. */
export function endingOn(world: World, link: number, ending: number): Status {
  if (ending !== ENDING.zero && links.get(world, link).bus === 'platform') return 'abort';
  return STATUS[ending] ?? 'UR';
}
