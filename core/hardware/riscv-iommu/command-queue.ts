/** The command processor: consumes the command queue in order, one command at a time. RISC-V IOMMU 3.1, 5.15. */

import { shortPage } from '../../lib/format.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { getField } from '../layout.ts';
import { decodePages } from '../pcie/address-range.ts';
import { hasRoomDown, links } from '../pcie/link.ts';
import { INV_REQ_BODY, PRG_RESPONSE_BODY } from '../pcie/messages.layout.ts';
import { type Place, readFrom, storeTo } from './bus.ts';
import { CMD_IOFENCE_C } from './commands.layout.ts';
import { type CommandWords, commandName, execute, messageOf } from './commands.ts';
import { notify } from './fault-queue.ts';
import { DRIVER } from './interrupts.ts';
import { canInvalidate, hasExpired, isInvalidating, sendInvalidation, setExpired } from './invalidation.ts';
import { riscvIommus, UNIT } from './iommu.ts';
import { placeInQueue } from './output-queue.ts';
import { sendPageResponse } from './page-request-queue.ts';
import { REGISTER } from './registers.layout.ts';
import { readRegister, registerField, setBit, writeRegister } from './registers.ts';
import { responseInWords } from './story.ts';

const COMMAND_BYTES = 16;

/** A command that has to wait stays the head of the queue until it is done. */
export const commandProcessor = procedure(
  'riscv_iommu_commands',
  'self',
  { wait: ['iommu'], invalidate: ['iommu', 'link'], respond: ['iommu', 'link'], fence: ['iommu'] },
  () => ({
    wait: step(
      'takes {command} from its queue: {effect}',
      {
        when: (w, { iommu }) => hasCommand(w, iommu),
        awaits: 'a command',
        atomic: 'one command, one move of cqh',
        cite: 'RISC-V IOMMU 3.1',
        cost: 'command',
      },
      (w, { iommu }) => take(w, iommu),
    ),
    invalidate: step(
      'asks {link} to forget its translations of {what}',
      {
        when: (w, { iommu, link }) => canInvalidate(w, iommu, link),
        awaits: 'room on the link and a free ITag',
        cite: 'RISC-V IOMMU 3.1.4',
        transaction: true,
      },
      (w, { iommu, link }) => {
        const message = messageOf(headCommand(w, iommu));
        const itag = sendInvalidation(w, iommu, link, message);
        const field = (name: 'S' | 'Addr'): number => getField([message.lo, message.hi], INV_REQ_BODY.fields[name]);
        const { page, span } = decodePages({ S: field('S'), Addr: field('Addr') });
        const what = span >= 52 ? 'all pages' : shortPage(page);
        tell(w, { link, what, itag, page, pages: 2 ** span, pasid: message.pasid });
        toDevice(w, iommu, link, `invalidate ${what}`);
        return consume(w, iommu);
      },
    ),
    respond: step(
      'answers page request group {prgi} of {link}: {answer}',
      {
        when: (w, { link }) => hasRoomDown(w, link),
        awaits: 'room on the link',
        cite: 'RISC-V IOMMU 3.1.4',
        transaction: true,
      },
      (w, { iommu, link }) => {
        const { pasid, lo, hi } = messageOf(headCommand(w, iommu));
        const field = (name: 'PRGI' | 'RespCode'): number => getField([lo, hi], PRG_RESPONSE_BODY.fields[name]);
        sendPageResponse(w, link, field('PRGI'), field('RespCode'), pasid);
        const answer = responseInWords(field('RespCode'));
        tell(w, { link, prgi: field('PRGI'), answer, pasid });
        toDevice(w, iommu, link, `PRG response: group ${field('PRGI')}, ${answer}`);
        return consume(w, iommu);
      },
    ),
    fence: step(
      'completes IOFENCE.C: {effect}',
      {
        when: (w, { iommu }) => isSettled(w, iommu),
        awaits: 'all that the commands before it have begun',
        cite: 'RISC-V IOMMU 3.1.2',
        cost: 'sync',
        transaction: true,
      },
      (w, { iommu }) => completeFence(w, iommu),
    ),
  }),
);

/** The queue is on, no error stops it, and a command is in it. RISC-V IOMMU 5.15. */
function hasCommand(world: World, iommu: number): boolean {
  const csr = (name: keyof typeof REGISTER.cqcsr.layout.fields): number =>
    registerField(world, iommu, REGISTER.cqcsr, name);
  if (csr('cqon') === 0 || csr('cqen') === 0 || (csr('cqmf') | csr('cmd_to') | csr('cmd_ill')) !== 0) return false;
  return readRegister(world, iommu, REGISTER.cqh) !== readRegister(world, iommu, REGISTER.cqt);
}

function take(world: World, iommu: number): Next {
  const { at } = commandProcessor;
  const words = new Uint32Array(COMMAND_BYTES / 4);
  if (readFrom(world, iommu, headPlace(world, iommu), words) !== 'ok') return stop(world, iommu, 'a command', 'cqmf');
  const effect = execute(world, iommu, words);
  const command = commandName(words);
  if (effect.kind === 'illegal') return stop(world, iommu, command, 'cmd_ill');
  tell(world, { command, effect: effect.kind === 'done' ? effect.text : 'it comes next' });
  if (effect.kind === 'invalidate') return at.invalidate({ iommu, link: effect.link });
  if (effect.kind === 'respond') return at.respond({ iommu, link: effect.link });
  return effect.kind === 'fence' ? at.fence({ iommu }) : consume(world, iommu);
}

/** Stays at the command and says why, until software writes 1 to the bit. RISC-V IOMMU 5.15. */
function stop(world: World, iommu: number, command: string, why: 'cqmf' | 'cmd_ill' | 'cmd_to'): Next {
  setBit(world, iommu, REGISTER.cqcsr, why, true);
  tell(world, { command, effect: `it stops there, ${why}` });
  interruptIfWanted(world, iommu);
  return commandProcessor.at.wait({ iommu });
}

function interruptIfWanted(world: World, iommu: number): void {
  if (registerField(world, iommu, REGISTER.cqcsr, 'cie') === 1) notify(world, iommu, 'command');
}

/** Nothing that an earlier command began is still on its way, or some of it never will be. */
function isSettled(world: World, iommu: number): boolean {
  if (riscvIommus.get(world, iommu).unit === UNIT.overtaken) return false;
  return hasExpired(world, iommu) || !isInvalidating(world, iommu);
}

/** Fails if an invalidation before it timed out; else writes and interrupts as it says. RISC-V IOMMU 3.1.2. */
function completeFence(world: World, iommu: number): Next {
  if (hasExpired(world, iommu)) {
    setExpired(world, iommu, 0);
    return stop(world, iommu, 'IOFENCE.C', 'cmd_to');
  }
  const words = headCommand(world, iommu);
  const field = (name: keyof typeof CMD_IOFENCE_C.fields): number => getField(words, CMD_IOFENCE_C.fields[name]);
  const place = fencePlace(field('ADDR_LO'), field('ADDR_HI'));
  if (field('AV') === 1 && !storeTo(world, iommu, place, [field('DATA')]))
    return stop(world, iommu, 'IOFENCE.C', 'cqmf');
  if (field('WSI') === 1) {
    setBit(world, iommu, REGISTER.cqcsr, 'fence_w_ip', true);
    interruptIfWanted(world, iommu);
  }
  const effect = field('AV') === 1 ? 'its word is written to memory' : 'all before it is done';
  tell(world, { effect, reads: field('PR'), writes: field('PW') });
  send(world, 'response', riscvIommus.get(world, iommu).name, DRIVER, 'IOFENCE.C complete');
  reach(world, 'command.synced');
  return consume(world, iommu);
}

/** The address is kept as address >> 2. */
function fencePlace(lo: number, hi: number): Place {
  return { page: hi * 2 ** 22 + (lo >>> 10), offset: (lo & 0x3ff) * 4 };
}

function queueSize(world: World, iommu: number): number {
  return 2 ** (registerField(world, iommu, REGISTER.cqb, 'LOG2SZ_1') + 1);
}

function headPlace(world: World, iommu: number): Place {
  const base = registerField(world, iommu, REGISTER.cqb, 'PPN');
  return placeInQueue(base, queueSize(world, iommu), COMMAND_BYTES, readRegister(world, iommu, REGISTER.cqh));
}

function headCommand(world: World, iommu: number): CommandWords {
  const words = new Uint32Array(COMMAND_BYTES / 4);
  readFrom(world, iommu, headPlace(world, iommu), words);
  return words;
}

/** Gives the slot back to software. */
function consume(world: World, iommu: number): Next {
  const next = (readRegister(world, iommu, REGISTER.cqh) + 1) % queueSize(world, iommu);
  writeRegister(world, iommu, REGISTER.cqh, next);
  return commandProcessor.at.wait({ iommu });
}

function toDevice(world: World, iommu: number, link: number, text: string): void {
  send(world, 'message', riscvIommus.get(world, iommu).name, links.get(world, link).name, text);
}
