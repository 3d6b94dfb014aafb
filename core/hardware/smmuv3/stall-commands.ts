/** The answers of software to stalled transactions. SMMUv3 4.7.1, 4.7.2. */
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { getField } from '../layout.ts';
import { type Message, messages } from '../pcie/link.ts';
import { ENDING } from './ats.ts';
import { CMD_RESUME, OPCODE } from './commands.layout.ts';
import { STALL_MODEL } from './id-registers.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';
import { findStall, resume, type Stall, stallsToEnd, terminate } from './stall.ts';
import { endingInWords, toDevice } from './story.ts';

/** The four words of a CMD_RESUME or a CMD_STALL_TERM. */
type Words = Readonly<Uint32Array>;

/** What is to be done next: null where the SMMU stalls nothing, and so does not know these commands. */
export function answerToStalls(
  world: World,
  smmu: number,
  words: Words,
): { readonly kind: 'resume' | 'terminate' } | { readonly kind: 'done'; readonly text: string } | null {
  if (registerField(world, smmu, REGISTER.IDR0, 'STALL_MODEL') === STALL_MODEL.TERMINATE_ONLY) return null;
  if (named(world, smmu, words).length === 0) return { kind: 'done', text: 'it names nothing that is stalled' };
  return { kind: isRetry(words) ? 'resume' : 'terminate' };
}

function field(words: Words, name: keyof typeof CMD_RESUME.fields): number {
  return getField(words, CMD_RESUME.fields[name]);
}

const isResume = (words: Words): boolean => field(words, 'opcode') === OPCODE.RESUME;
const isRetry = (words: Words): boolean => isResume(words) && field(words, 'Ac') === 1;

/** The stalled transactions that a command is about: a tag of another stream, or one that is free, names none. */
function named(world: World, smmu: number, words: Words): Stall[] {
  const sid = field(words, 'StreamID');
  if (!isResume(words)) return stallsToEnd(world, smmu, sid);
  const stalled = findStall(world, smmu, sid, field(words, 'STAG'));
  return stalled === undefined ? [] : [stalled];
}

/** A transaction by its tag, which one that is between two tries does not have. */
function inWords({ kind }: Message, { stag }: Stall): string {
  return stag < 0 ? `the ${kind} that has no STAG` : `the ${kind} stalled with STAG ${stag}`;
}

/** Lets the named transaction translate as if it had just arrived. */
export function retryNamed(world: World, smmu: number, words: Words): void {
  tell(world, { what: 'nothing' });
  for (const stalled of named(world, smmu, words)) {
    const message = messages.get(world, stalled.message);
    tell(world, { what: inWords(message, stalled), pasid: message.pasid });
    resume(world, stalled);
  }
}

/** Ends the named transactions, for CMD_STALL_TERM by an abort. */
export function endNamed(world: World, smmu: number, words: Words): void {
  tell(world, { what: 'nothing', outcome: 'it has gone' });
  const readsZero = isResume(words) && field(words, 'Ab') === 0;
  for (const stalled of named(world, smmu, words)) {
    endStall(world, smmu, stalled, readsZero ? ENDING.zero : ENDING.unsupported);
  }
}

/** Translation is switched off: nobody will answer, and no tag means anything from now on. SMMUv3 6.3.9.6. */
export function endAll(world: World, smmu: number): void {
  for (const stalled of stallsToEnd(world, smmu, -1)) endStall(world, smmu, stalled, ENDING.unsupported);
}

function endStall(world: World, smmu: number, stalled: Stall, ending: number): void {
  const message = messages.get(world, stalled.message);
  const { link, pasid } = message;
  terminate(world, stalled, ending);
  const outcome = endingInWords(world, link, ending);
  tell(world, { what: inWords(message, stalled), outcome, link, pasid, fault: 1 });
  toDevice(world, smmu, { link }, outcome);
}
