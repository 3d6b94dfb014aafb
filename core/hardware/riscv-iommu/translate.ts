/** The translation unit: takes what devices send, one message at a time, and follows the tables in memory. RISC-V IOMMU 2.3. */
import { present } from '../../lib/assert.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { addressPage, headsUp, links, type Message, messages } from '../pcie/link.ts';
import { dcField, dcSays } from './device-context.ts';
import { DDTP_MODE } from './device-directory.layout.ts';
import { deviceIdOf, findDevice, isTooWide, type Lookup, readDc, readDdte } from './device-directory.ts';
import {
  BARE_RIGHTS,
  faultCause,
  type Held,
  heldOf,
  isOutOfRange,
  isTooPrivileged,
  rulesOf,
  stageOf,
  tableOf,
  tagOf,
  walkLevel,
  wantOf,
} from './first-stage.ts';
import { settleInvalidation } from './invalidation.ts';
import { setUnit, UNIT } from './iommu.ts';
import { fill, lookUp } from './iotlb.ts';
import { findProcess, isProcessTooWide, readPc, readPdte } from './process-directory.ts';
import { CAUSE } from './queues.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';
import * as story from './story.ts';
import { LABELS, type Taken, type WithDc } from './translate-labels.ts';
import { access, fault, finish, grant, leave, record, refuse, request, respond } from './translate-outcome.ts';

/** One message at a time; its row stays the head of its queue until it has been dealt with. */
export const translationUnit = procedure('riscv_iommu_translation', 'self', LABELS, (go) => ({
  wait: step(
    'takes {what} from {from}',
    {
      when: (w, { iommu }) => headsUp(w, iommu).length > 0,
      awaits: 'a message from a device',
      choices: (w, { iommu }) => headsUp(w, iommu).length,
      cite: 'RISC-V IOMMU 2.3',
      cost: 'link',
    },
    (w, { iommu }, choice) => begin(w, iommu, present(headsUp(w, iommu)[choice], 'each choice is a message')),
  ),
  mode: step('looks at ddtp for device {did}: {found}', { cite: 'RISC-V IOMMU 2.3 steps 1 to 5' }, lookAtMode),
  device: step(
    'looks for the context of device {did} in the cache: {found}',
    { chapter: 'Translate', cite: 'RISC-V IOMMU 2.3.1, 2.7', cost: 'cached' },
    (w, l) => followDevice(w, l, findDevice(w, l.iommu, deviceOf(w, messages.get(w, l.message)))),
  ),
  ddt: step(
    'reads level {level} of the device directory for device {did}: {found}',
    { cite: 'RISC-V IOMMU 2.3.1 steps 2 to 7', cost: 'access' },
    (w, l) => {
      const device = deviceOf(w, messages.get(w, l.message));
      return followDevice(w, l, readDdte(w, l.iommu, device, l.table, l.level), l.level);
    },
  ),
  context: step(
    'reads the context of device {did}: {found}',
    { cite: 'RISC-V IOMMU 2.3.1 steps 8 to 12', cost: 'access' },
    (w, l) => followDevice(w, l, readDc(w, l.iommu, deviceOf(w, messages.get(w, l.message)), l.table), 0),
  ),
  config: step('applies the device context: {outcome}', { cite: 'RISC-V IOMMU 2.3 steps 7 to 13' }, applyDc),
  pdt: step(
    'reads level {level} of the process directory for process {pid}: {found}',
    { cite: 'RISC-V IOMMU 2.3.2 steps 2 to 8', cost: 'access' },
    (w, l) => {
      const tag = tagOf(w, messages.get(w, l.message));
      return followProcess(w, l, readPdte(w, l.iommu, tag, l.table, l.level), l.level);
    },
  ),
  process: step(
    'reads the context of process {pid}: {found}',
    { cite: 'RISC-V IOMMU 2.3.2 steps 9 to 13', cost: 'access' },
    (w, l) => followProcess(w, l, readPc(w, l.iommu, tagOf(w, messages.get(w, l.message)), l.table), 0),
  ),
  lookup: step('looks for {page} in the IOTLB: {found}', { cite: 'RISC-V IOMMU 2.7', cost: 'cached' }, lookInTlb),
  walk: step(
    'walks level {level}: slot {index} of table {pfn} is {found}',
    { cite: 'RISC-V Privileged 12.3.2', cost: 'access' },
    walk,
  ),
  grant: step(
    'answers the translation request for {page}: {answer}',
    { cite: 'RISC-V IOMMU 2.6', transaction: true },
    (w, l) => grant(w, go, l),
  ),
  access: step(
    'carries out {what} of {bytes} bytes in frame {pfn}',
    { cite: 'RISC-V IOMMU 2.3 step 20', cost: 'memory', transaction: true },
    (w, l) => access(w, go, l),
  ),
  record: step('records {name}: {outcome}', { cite: 'RISC-V IOMMU 3.2', transaction: true }, (w, l) =>
    record(w, go, l),
  ),
  refuse: step('ends {what}: {outcome}', { cite: 'RISC-V IOMMU 2.5, 2.6', transaction: true }, (w, l) =>
    refuse(w, go, l),
  ),
  request: step(
    'handles {what} of group {prgi}: {outcome}',
    { cite: 'RISC-V IOMMU 3.3', cost: 'access', transaction: true },
    (w, l) => request(w, go, l),
  ),
  respond: step(
    'answers page request group {prgi} by itself: {answer}',
    { cite: 'RISC-V IOMMU 2.6.1', transaction: true },
    (w, l) => respond(w, go, l),
  ),
  retire: step('notes that {link} has done what it was asked to invalidate', { cite: 'RISC-V IOMMU 3.1.4' }, (w, l) => {
    const message = messages.get(w, l.message);
    const isExpected = settleInvalidation(w, l.iommu, message);
    tell(w, { link: message.link, unexpected: isExpected ? 0 : 1 });
    return leave(w, go, { ...l, dc: -1, pc: -1 });
  }),
}));

const { at } = translationUnit;

function deviceOf(world: World, message: Message): number {
  return deviceIdOf(links.get(world, message.link).sid);
}

function begin(world: World, iommu: number, message: Message): Next {
  const taken = { iommu, message: message.id };
  setUnit(world, iommu, UNIT.busy);
  story.tellArrival(world, message);
  return message.kind === 'invalidate-completion' ? at.retire(taken) : at.mode(taken);
}

function lookAtMode(world: World, taken: Taken): Next {
  const message = messages.get(world, taken.message);
  const mode = registerField(world, taken.iommu, REGISTER.ddtp, 'iommu_mode');
  const held = { ...taken, dc: -1, pc: -1 };
  const cause = causeOfMode(world, taken.iommu, mode, message);
  tell(world, { did: deviceOf(world, message), found: cause === null ? story.modeInWords(mode) : story.cause(cause) });
  if (cause !== null) return fault(world, at, held, cause);
  if (mode !== DDTP_MODE.Bare) return at.device(taken);
  return at.access({ ...held, output: addressPage(message), rights: BARE_RIGHTS, span: 0 });
}

/** What is wrong with a message before any directory is read, null for nothing. */
function causeOfMode(world: World, iommu: number, mode: number, message: Message): number | null {
  if (mode === DDTP_MODE.Off) return CAUSE.ALL_DISALLOWED;
  const isPlain = message.kind !== 'page-request' && message.kind !== 'translation-request';
  if (mode === DDTP_MODE.Bare) return isPlain && message.at === 'untranslated' ? null : CAUSE.TYPE_DISALLOWED;
  return isTooWide(world, iommu, deviceOf(world, message)) ? CAUSE.TYPE_DISALLOWED : null;
}

function followDevice(world: World, { iommu, message }: Taken, found: Lookup, level = -1): Next {
  tell(world, { did: deviceOf(world, messages.get(world, message)), level, found: story.lookupInWords(found) });
  if (found.to === 'fault') return fault(world, at, { iommu, message, dc: -1, pc: -1 }, found.cause);
  if (found.to === 'line') return at.config({ iommu, message, dc: found.line });
  const { table } = found;
  return found.level === 0
    ? at.context({ iommu, message, table })
    : at.ddt({ iommu, message, table, level: found.level });
}

function applyDc(world: World, held: WithDc): Next {
  const { iommu, dc } = held;
  const message = messages.get(world, held.message);
  const whole = { ...held, pc: -1 };
  const isRequest = message.kind === 'page-request';
  const isForbidden = isRequest ? !dcSays(world, iommu, dc, 'tc.EN_PRI') : isTypeDisallowed(world, held, message);
  if (isForbidden) {
    tell(world, { outcome: story.cause(CAUSE.TYPE_DISALLOWED) });
    return fault(world, at, whole, CAUSE.TYPE_DISALLOWED);
  }
  if (isRequest) {
    tell(world, { outcome: 'the device may ask for pages' });
    return at.request({ iommu, message: held.message, dc });
  }
  const stage = stageOf(world, held, message);
  tell(world, { outcome: story.stageInWords(stage) });
  if (stage.to === 'process') return followProcess(world, held, findProcess(world, iommu, dc, stage.tag));
  if (stage.to === 'table') return at.lookup(whole);
  const plain = { ...whole, output: addressPage(message), rights: BARE_RIGHTS, span: 0 };
  return stage.to === 'memory' ? at.access(plain) : finish(at, message, plain);
}

/** RISC-V IOMMU 2.3, step 7. */
function isTypeDisallowed(world: World, { iommu, dc }: WithDc, message: Message): boolean {
  const usesAts = message.kind === 'translation-request' || message.at === 'translated';
  if (usesAts && !dcSays(world, iommu, dc, 'tc.EN_ATS')) return true;
  if (message.pasid < 0) return false;
  if (!dcSays(world, iommu, dc, 'tc.PDTV')) return true;
  return isProcessTooWide(dcField(world, iommu, dc, 'fsc.MODE'), message.pasid);
}

function followProcess(world: World, { iommu, message, dc }: WithDc, found: Lookup, level = -1): Next {
  const { process } = tagOf(world, messages.get(world, message));
  tell(world, { pid: process, level, found: story.lookupInWords(found) });
  if (found.to === 'fault') return fault(world, at, { iommu, message, dc, pc: -1 }, found.cause);
  if (found.to === 'line') return withPc(world, { iommu, message, dc, pc: found.line });
  const { table } = found;
  if (found.level === 0) return at.process({ iommu, message, dc, table });
  return at.pdt({ iommu, message, dc, table, level: found.level });
}

function withPc(world: World, held: Held): Next {
  if (!isTooPrivileged(world, held.iommu, held.pc, messages.get(world, held.message))) return at.lookup(held);
  tell(world, { found: story.cause(CAUSE.TYPE_DISALLOWED) });
  return fault(world, at, held, CAUSE.TYPE_DISALLOWED);
}

function lookInTlb(world: World, held: Held): Next {
  const message = messages.get(world, held.message);
  const rules = rulesOf(world, held);
  if (rules.levels === 0) {
    tell(world, { page: addressPage(message), found: 'the first stage is Bare' });
    return finish(at, message, { ...held, output: addressPage(message), rights: BARE_RIGHTS, span: 0 });
  }
  const known = lookUp(world, held, message);
  tell(world, { page: addressPage(message), found: known === null ? 'miss' : 'hit' });
  if (known !== null) return finish(at, message, { ...held, ...known });
  reach(world, 'translation.miss');
  if (!isOutOfRange(message, rules)) {
    const { root } = tableOf(world, held);
    return at.walk({ ...held, table: root, level: rules.levels - 1, global: 0 });
  }
  tell(world, { found: 'miss, and no table is for this address' });
  return fault(world, at, held, faultCause(wantOf(world, held, message), 'page'));
}

function walk(
  world: World,
  l: Held & { readonly table: number; readonly level: number; readonly global: number },
): Next {
  const held = heldOf(l);
  const message = messages.get(world, l.message);
  const went = walkLevel(world, held, message, l);
  story.tellVisit(world, message, l.level, went.seen, went.to === 'fault' ? went.cause : null);
  if (went.to === 'fault') return fault(world, at, held, went.cause);
  const { seen } = went;
  if (went.to === 'table') return at.walk({ ...held, table: seen.next, level: l.level - 1, global: went.global });
  const isGlobal = l.global === 1 || (went.word & 32) !== 0;
  if (fill(world, held, message, seen, went.word, isGlobal)) reach(world, 'tlb.filled');
  return finish(at, message, { ...held, output: seen.next, rights: went.rights, span: seen.span });
}
