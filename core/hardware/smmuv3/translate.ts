/** The translation unit: takes what devices send, one message at a time, and follows the tables in memory. SMMUv3 3.3. */
import { present } from '../../lib/assert.ts';
import { type Next, procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { addressPage, links, type Message, messages } from '../pcie/link.ts';
import { PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { RIGHT } from '../tlb.ts';
import {
  faultOf,
  findContext,
  findStream,
  type Lookup,
  permitOf,
  permitWhileOff,
  readCd,
  readContextLeaf,
  readSte,
  readStreamArray,
} from './configuration.ts';
import { EVENT } from './events.layout.ts';
import { settleInvalidation } from './invalidation.ts';
import { fill, lookUp } from './iotlb.ts';
import { isEnabled } from './registers.ts';
import { setUnit, UNIT } from './smmu.ts';
import { type Held, heldOf, isWalkDisabled, rangeOf, rootOf, walkLevel } from './stage-1.ts';
import { arrivals, takeUp } from './stall.ts';
import * as story from './story.ts';
import { LABELS, type Taken, type WithSte } from './translate-labels.ts';
import { access, fault, finish, grant, hold, leave, record, refuse, request, respond } from './translate-outcome.ts';

/** One message at a time; its row stays the head of its queue until it has been dealt with. */
export const translationUnit = procedure('smmuv3_translation', 'self', LABELS, (go) => ({
  wait: step(
    'takes {what} from {from}',
    {
      when: (w, { smmu }) => arrivals(w, smmu).length > 0,
      awaits: 'a message from a device',
      choices: (w, { smmu }) => arrivals(w, smmu).length,
      cite: 'SMMUv3 3.3',
      cost: 'link',
    },
    (w, { smmu }, choice) => begin(w, smmu, present(arrivals(w, smmu)[choice], 'each choice is a message')),
  ),
  off: step('finds that translation is off: {outcome}', { cite: 'SMMUv3 6.3.9, 6.3.14' }, whileOff),
  stream: step(
    'looks for the entry of stream {sid} in the cache: {found}',
    { chapter: 'Translate', cite: 'SMMUv3 3.3.1', cost: 'cached' },
    lookForStream,
  ),
  permit: step(
    'looks for the entry of stream {sid} in the cache, to see what the device may do: {found}',
    { cite: 'SMMUv3 3.9.1', cost: 'cached' },
    lookForStream,
  ),
  array: step(
    'reads the first level of the stream table for stream {sid}: {found}',
    { cite: 'SMMUv3 5.1', cost: 'access' },
    (w, l) => followStream(w, l, readStreamArray(w, l.smmu, messages.get(w, l.message))),
  ),
  entry: step('reads the stream table entry of stream {sid}: {found}', { cite: 'SMMUv3 5.2', cost: 'access' }, (w, l) =>
    followStream(w, l, readSte(w, l.smmu, messages.get(w, l.message), l.at)),
  ),
  config: step('applies the stream table entry: {outcome}', { cite: 'SMMUv3 5.2, 3.3.2', cost: 'cached' }, applySte),
  leaf: step(
    'reads the first level of the table of context descriptors: {found}',
    { cite: 'SMMUv3 5.3', cost: 'access' },
    (w, l) => followContext(w, l, readContextLeaf(w, l.smmu, messages.get(w, l.message), l.ste)),
  ),
  context: step('reads context descriptor {ssid}: {found}', { cite: 'SMMUv3 5.4', cost: 'access' }, (w, l) =>
    followContext(w, l, readCd(w, l.smmu, messages.get(w, l.message), l.ste, l.at)),
  ),
  lookup: step('looks for {page} in the IOTLB: {found}', { cite: 'SMMUv3 3.17', cost: 'cached' }, lookInTlb),
  walk: step(
    'walks level {level}: slot {index} of table {pfn} is {found}',
    { cite: 'SMMUv3 3.13, Arm ARM D8.3', cost: 'access' },
    walk,
  ),
  grant: step(
    'answers the translation request for {page}: {answer}',
    { cite: 'SMMUv3 3.9.1', transaction: true },
    (w, l) => grant(w, go, l),
  ),
  access: step(
    'carries out {what} of {bytes} bytes in frame {pfn}',
    { cite: 'SMMUv3 3.3', cost: 'memory', transaction: true },
    (w, l) => access(w, go, l),
  ),
  record: step('records {name}: {outcome}', { cite: 'SMMUv3 7.2, 7.3', transaction: true }, (w, l) => record(w, go, l)),
  stall: step(
    '{does} {what}: {outcome}',
    { cite: 'SMMUv3 3.12.2, 7.3.13', chapter: 'Fault', transaction: true },
    (w, l) => hold(w, go, l),
  ),
  refuse: step('ends {what}: {outcome}', { cite: 'SMMUv3 3.12.1', transaction: true }, (w, l) => refuse(w, go, l)),
  request: step(
    'handles {what} of group {prgi}: {outcome}',
    { cite: 'SMMUv3 8.1', cost: 'access', transaction: true },
    (w, l) => request(w, go, l),
  ),
  respond: step(
    'answers page request group {prgi} by itself: {answer}',
    { cite: 'SMMUv3 8.2', transaction: true },
    (w, l) => respond(w, go, l),
  ),
  retire: step('notes that {link} has done what it was asked to invalidate', { cite: 'SMMUv3 3.9.1' }, (w, l) => {
    const message = messages.get(w, l.message);
    settleInvalidation(w, message);
    tell(w, { link: message.link });
    return leave(w, go, { ...l, ste: -1, cd: -1 });
  }),
}));

const { at } = translationUnit;

function begin(world: World, smmu: number, message: Message): Next {
  const taken = { smmu, message: message.id };
  setUnit(world, smmu, UNIT.busy);
  story.tellArrival(world, message);
  takeUp(world, message);
  if (message.kind === 'invalidate-completion') return at.retire(taken);
  if (message.kind === 'page-request') return at.request(taken);
  if (!isEnabled(world, smmu, 'SMMUEN')) return at.off(taken);
  if (message.at === 'untranslated') return at.stream(taken);
  // Fast mode: what a device has translated is believed.
  if (!isEnabled(world, smmu, 'ATSCHK')) return at.access({ ...taken, ste: -1, cd: -1, output: addressPage(message) });
  return at.permit(taken);
}

function whileOff(world: World, taken: Taken): Next {
  const message = messages.get(world, taken.message);
  const permit = permitWhileOff(world, taken.smmu, message);
  const held = { ...taken, ste: -1, cd: -1 };
  tell(world, { outcome: story.lookupInWords(permit) });
  return permit.to === 'fault' ? fault(world, at, held, permit) : at.access({ ...held, output: addressPage(message) });
}

function lookForStream(world: World, taken: Taken): Next {
  return followStream(world, taken, findStream(world, taken.smmu, messages.get(world, taken.message)));
}

function followStream(world: World, { smmu, message }: Taken, found: Lookup): Next {
  const { link } = messages.get(world, message);
  tell(world, { sid: links.get(world, link).sid, found: story.lookupInWords(found) });
  if (found.to === 'fault') return fault(world, at, { smmu, message, ste: -1, cd: -1 }, found);
  if (found.to === 'structure') return at.entry({ smmu, message, at: found.at });
  return found.to === 'line' ? at.config({ smmu, message, ste: found.line }) : at.array({ smmu, message });
}

function applySte(world: World, held: WithSte): Next {
  const message = messages.get(world, held.message);
  const permit = permitOf(world, held.smmu, message, held.ste);
  tell(world, { outcome: story.lookupInWords(permit) });
  if (permit.to === 'fault') return fault(world, at, { ...held, cd: -1 }, permit);
  if (permit.to === 'answer') return at.respond({ ...held, code: PRG_RESPONSE_CODE.SUCCESS, pasid: permit.pasid });
  if (permit.to === 'memory') return at.access({ ...held, cd: -1, output: addressPage(message) });
  const found = findContext(world, held.smmu, message, held.ste);
  return followContext(world, held, found);
}

function followContext(world: World, { smmu, message, ste }: WithSte, found: Lookup): Next {
  const { pasid } = messages.get(world, message);
  tell(world, { ssid: Math.max(0, pasid), found: story.lookupInWords(found) });
  if (found.to === 'fault') return fault(world, at, { smmu, message, ste, cd: -1 }, found);
  if (found.to === 'level 1') return at.leaf({ smmu, message, ste });
  if (found.to === 'structure') return at.context({ smmu, message, ste, at: found.at });
  if (found.to === 'line') return at.lookup({ smmu, message, ste, cd: found.line });
  // Stage 1 is left out: the address is used as it is.
  const identity = { output: addressPage(messages.get(world, message)), rights: RIGHT.read | RIGHT.write };
  return finish(at, { smmu, message, ste, cd: -1 }, messages.get(world, message), identity);
}

function lookInTlb(world: World, held: Held): Next {
  const message = messages.get(world, held.message);
  const range = rangeOf(world, held, message);
  const known = range === null ? null : lookUp(world, held, message);
  tell(world, { page: addressPage(message), found: known === null ? 'miss' : 'hit' });
  if (known !== null) return finish(at, held, message, known);
  reach(world, 'translation.miss');
  if (range !== null && !isWalkDisabled(world, held, range)) {
    return at.walk({ ...held, table: rootOf(world, held, range), level: range.level, limits: 0 });
  }
  tell(world, { found: 'miss, and no table is for this address' });
  return fault(world, at, held, faultOf(EVENT.F_TRANSLATION));
}

function walk(
  world: World,
  l: Held & { readonly table: number; readonly level: number; readonly limits: number },
): Next {
  const held = heldOf(l);
  const message = messages.get(world, l.message);
  const { page } = present(rangeOf(world, held, message), 'a walk is for an address in range');
  const went = walkLevel(world, held, message, { table: l.table, page, level: l.level, limits: l.limits });
  story.tellVisit(world, message, l.level, went.seen, went.to === 'fault' ? went.event : null);
  if (went.to === 'fault') return fault(world, at, held, went);
  if (went.to === 'table') return at.walk({ ...held, table: went.seen.next, level: l.level + 1, limits: went.limits });
  if (fill(world, held, message, { ...went.seen, level: l.level }, went.rights)) reach(world, 'tlb.filled');
  return finish(at, held, message, { output: went.seen.next, rights: went.rights });
}
