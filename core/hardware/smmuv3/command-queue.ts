/** The command processor: consumes the command queue in order, one command at a time. SMMUv3 3.5, 4.1, 7.1. */
import { present } from '../../lib/assert.ts';
import { shortPage } from '../../lib/format.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import { isMemory, readWords, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { getField } from '../layout.ts';
import { hasRoomDown, links } from '../pcie/link.ts';
import { CMD_SYNC, SYNC_SIGNAL } from './commands.layout.ts';
import {
  type CommandWords,
  commandName,
  execute,
  invalidatedPages,
  isGlobal,
  pageResponseCode,
  pasidOf,
  responseGroup,
} from './commands.ts';
import { canInvalidate, isInvalidating, sendInvalidation, takeExpired } from './invalidation.ts';
import { placeInQueue } from './output-queue.ts';
import { sendPageResponse } from './pri-queue.ts';
import { advance, indexOf, isEmpty } from './queue.ts';
import { CERROR, REGISTER } from './registers.layout.ts';
import { isEnabled, isErrorActive, raiseError, readRegister, registerField, writeRegister } from './registers.ts';
import { smmus, UNIT } from './smmu.ts';
import { endNamed, retryNamed } from './stall-commands.ts';
import { responseInWords } from './story.ts';
import type { Place } from './stream-table.ts';

const COMMAND_BYTES = 16;
const { ERR } = REGISTER.CMDQ_CONS.layout.fields;
const ERR_MASK = 0x7f << ERR.lo;

/** A command that has to wait stays the head of the queue until it is done. */
export const commandProcessor = procedure(
  'smmuv3_commands',
  'self',
  {
    wait: ['smmu'],
    invalidate: ['smmu', 'link'],
    respond: ['smmu', 'link'],
    resume: ['smmu'],
    terminate: ['smmu'],
    sync: ['smmu'],
  },
  (go) => ({
    wait: step(
      'takes {command} from its queue: {effect}',
      {
        when: (w, { smmu }) => hasCommand(w, smmu),
        awaits: 'a command',
        atomic: 'one command, one move of CMDQ_CONS.RD',
        cite: 'SMMUv3 4.1',
        cost: 'command',
      },
      (w, { smmu }) => take(w, smmu),
    ),
    invalidate: step(
      'asks {link} to forget its translations of {what}',
      {
        when: (w, { link }) => canInvalidate(w, link),
        awaits: 'room on the link and a free ITag',
        cite: 'SMMUv3 4.5.1',
        transaction: true,
      },
      (w, { smmu, link }) => {
        const words = headCommand(w, smmu);
        const pages = invalidatedPages(words);
        const itag = sendInvalidation(w, link, pasidOf(words), pages, isGlobal(words));
        const what = pages.span >= 52 ? 'all pages' : shortPage(pages.page);
        tell(w, { link, what, itag, page: pages.page, pages: 2 ** pages.span, pasid: pasidOf(words) });
        toDevice(w, smmu, link, `invalidate ${what}`);
        consume(w, smmu);
        return go.wait({ smmu });
      },
    ),
    respond: step(
      'answers page request group {prgi} of {link}: {answer}',
      {
        when: (w, { link }) => hasRoomDown(w, link),
        awaits: 'room on the link',
        cite: 'SMMUv3 4.5.2',
        transaction: true,
      },
      (w, { smmu, link }) => {
        const words = headCommand(w, smmu);
        const code = present(pageResponseCode(words), 'a page response that is sent has a legal code');
        sendPageResponse(w, link, responseGroup(words), code, pasidOf(words));
        tell(w, { link, prgi: responseGroup(words), answer: responseInWords(code), pasid: pasidOf(words) });
        toDevice(w, smmu, link, `PRG response: group ${responseGroup(words)}, ${responseInWords(code)}`);
        consume(w, smmu);
        return go.wait({ smmu });
      },
    ),
    resume: step(
      'lets {what} try again',
      { cite: 'SMMUv3 4.7.1, 3.12.2', chapter: 'Retry', transaction: true },
      (w, { smmu }) => {
        retryNamed(w, smmu, headCommand(w, smmu));
        consume(w, smmu);
        return go.wait({ smmu });
      },
    ),
    terminate: step('ends {what}: {outcome}', { cite: 'SMMUv3 4.7.1, 4.7.2', transaction: true }, (w, { smmu }) => {
      endNamed(w, smmu, headCommand(w, smmu));
      consume(w, smmu);
      return go.wait({ smmu });
    }),
    sync: step(
      'completes CMD_SYNC: {effect}',
      {
        when: (w, { smmu }) => isSettled(w, smmu),
        awaits: 'all that the commands before it have begun',
        cite: 'SMMUv3 4.7.3',
        cost: 'sync',
        transaction: true,
      },
      (w, { smmu }) => {
        completeSync(w, smmu);
        return go.wait({ smmu });
      },
    ),
  }),
);

function hasCommand(world: World, smmu: number): boolean {
  if (!isEnabled(world, smmu, 'CMDQEN') || isErrorActive(world, smmu, 'CMDQ_ERR')) return false;
  const prod = readRegister(world, smmu, REGISTER.CMDQ_PROD);
  return !isEmpty(prod, readRegister(world, smmu, REGISTER.CMDQ_CONS), log2Size(world, smmu));
}

function take(world: World, smmu: number): Next {
  const { at } = commandProcessor;
  if (!isMemory(world, headPlace(world, smmu).page)) return stop(world, smmu, 'a command', CERROR.ABT);
  const words = headCommand(world, smmu);
  const effect = execute(world, smmu, words);
  const command = commandName(words);
  if (effect.kind === 'illegal') return stop(world, smmu, command, CERROR.ILL);
  tell(world, { command, effect: effect.kind === 'done' ? effect.text : 'it comes next' });
  if (effect.kind === 'invalidate') return at.invalidate({ smmu, link: effect.link });
  if (effect.kind === 'respond') return at.respond({ smmu, link: effect.link });
  if (effect.kind === 'resume') return at.resume({ smmu });
  if (effect.kind === 'terminate') return at.terminate({ smmu });
  if (effect.kind === 'sync') return at.sync({ smmu });
  consume(world, smmu);
  return at.wait({ smmu });
}

/** Stays at the command and says why, until software acknowledges in GERRORN. SMMUv3 7.1. */
function stop(world: World, smmu: number, command: string, error: number): Next {
  const cons = readRegister(world, smmu, REGISTER.CMDQ_CONS) & ~ERR_MASK;
  writeRegister(world, smmu, REGISTER.CMDQ_CONS, cons | (error << ERR.lo));
  raiseError(world, smmu, 'CMDQ_ERR');
  tell(world, { command, effect: `it stops there, CERROR_${ERR.values?.[error]}` });
  return commandProcessor.at.wait({ smmu });
}

/** Nothing that an earlier command began is still on its way, or some of it never will be. */
function isSettled(world: World, smmu: number): boolean {
  const { unit, expired } = smmus.get(world, smmu);
  return unit !== UNIT.overtaken && (expired === 1 || !isInvalidating(world, smmu));
}

function completeSync(world: World, smmu: number): void {
  if (takeExpired(world, smmu)) {
    stop(world, smmu, 'CMD_SYNC', CERROR.ATC_INV_SYNC);
    return;
  }
  const words = headCommand(world, smmu);
  const isSignalled = getField(words, CMD_SYNC.fields.CS) === SYNC_SIGNAL.IRQ && sendMsi(world, smmu, words);
  tell(world, { effect: isSignalled ? 'its message is written to memory' : 'all before it is done' });
  consume(world, smmu);
  send(world, 'response', smmus.get(world, smmu).name, 'smmu-driver', 'CMD_SYNC complete');
  reach(world, 'command.synced');
}

/** Writes MSIData to MSIAddress; address 0 asks for none. */
function sendMsi(world: World, smmu: number, words: CommandWords): boolean {
  const address = getField(words, CMD_SYNC.fields.MSIAddress);
  if (address === 0) return false;
  const page = Math.floor(address / 1024);
  if (!isMemory(world, page)) {
    raiseError(world, smmu, 'MSI_CMDQ_ABT_ERR');
    return false;
  }
  writeWord(world, page, (address % 1024) * 4, getField(words, CMD_SYNC.fields.MSIData));
  return true;
}

function log2Size(world: World, smmu: number): number {
  return registerField(world, smmu, REGISTER.CMDQ_BASE, 'LOG2SIZE');
}

function headPlace(world: World, smmu: number): Place {
  const size = log2Size(world, smmu);
  const index = indexOf(readRegister(world, smmu, REGISTER.CMDQ_CONS), size);
  return placeInQueue(registerField(world, smmu, REGISTER.CMDQ_BASE, 'ADDR'), size, COMMAND_BYTES, index);
}

function headCommand(world: World, smmu: number): CommandWords {
  const { page, offset } = headPlace(world, smmu);
  return readWords(world, page, offset, COMMAND_BYTES / 4, new Uint32Array(COMMAND_BYTES / 4));
}

/** Gives the slot back to software; an earlier error is over. */
function consume(world: World, smmu: number): void {
  const cons = readRegister(world, smmu, REGISTER.CMDQ_CONS) & ~ERR_MASK;
  writeRegister(world, smmu, REGISTER.CMDQ_CONS, advance(cons, log2Size(world, smmu)));
}

function toDevice(world: World, smmu: number, link: number, text: string): void {
  send(world, 'message', smmus.get(world, smmu).name, links.get(world, link).name, text);
}
