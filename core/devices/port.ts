import { getField } from '../hardware/layout.ts';
import { decodePages } from '../hardware/pcie/address-range.ts';
import { describeMessage, hasRoomUp, headDown, type Message, popDown, sendUp } from '../hardware/pcie/link.ts';
import { ATS_COMPLETION, PRG_RESPONSE_BODY, PRG_RESPONSE_CODE } from '../hardware/pcie/messages.layout.ts';
import { mannerOf } from '../hardware/pcie/tardiness.ts';
import { insert, keptSpan, RIGHT } from '../hardware/tlb.ts';
import { present } from '../lib/assert.ts';
import { procedure, step } from '../sim/procedure.ts';
import { send, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { atcOf, devices } from './device.ts';
import { completeInvalidation, dropTranslations, settledInvalidation } from './invalidation.ts';
import { type Answer, accessOf, jobs, setJob } from './job.ts';
import {
  endGroup,
  forgetOpenGroups,
  groupAt,
  markStale,
  sendRequest,
  sentRequests,
  stopMarkerBody,
} from './page-request.ts';
import { endedUse, groupToClose, mustGiveUp, pasidUses } from './pasid-use.ts';

/** What comes down the link: completions, page responses, invalidations. An endless loop beside the engine. */
export const devicePort = procedure(
  'device_port',
  'self',
  {
    wait: ['device'],
    message: ['device'],
    invalidate: ['device'],
    complete: ['device'],
    close: ['device'],
    stopped: ['device'],
  },
  (go) => ({
    wait: step(
      '{sees}',
      {
        when: (world, { device }) => somethingToDo(world, device),
        awaits: 'a message',
        atomic: 'the head of an ordered queue',
        cite: 'PCIe 2.4.1',
        cost: 'link',
      },
      (world, { device }) => {
        const head = headDown(world, devices.get(world, device).link);
        if (settledInvalidation(world, device) !== undefined) {
          tell(world, { sees: 'has no read under way that an invalidation waits for' });
          return go.complete({ device });
        }
        if (head === null && groupToClose(world, device) !== undefined) {
          tell(world, { sees: 'sees a page request group that has to end' });
          return go.close({ device });
        }
        if (head === null) {
          tell(world, { sees: 'sees its last work with a PASID end' });
          return go.stopped({ device });
        }
        tell(world, { sees: `sees ${describeMessage(head)} arrive`, pasid: head.pasid });
        return head.kind === 'invalidate-request' ? go.invalidate({ device }) : go.message({ device });
      },
    ),
    message: step('takes {message}: {outcome}', { cost: 'atc', cite: 'PCIe 10.2.3, 10.4.2' }, (world, { device }) => {
      const message = popDown(world, devices.get(world, device).link);
      const isResponse = message.kind === 'page-response';
      const outcome = isResponse ? respond(world, device, message) : complete(world, device, message);
      tell(world, { message: describeMessage(message), outcome, pasid: message.pasid });
      return go.wait({ device });
    }),
    invalidate: step(
      'drops {count} of its ATC {outcome}',
      {
        atomic: 'PCIe 10.3.2: no use of the old translation after the completion',
        cite: 'PCIe 10.3',
        cost: 'link',
        transaction: true,
      },
      (world, { device }) => {
        const { link } = devices.get(world, device);
        const message = popDown(world, link);
        if (mannerOf(world, link) === 'silent') {
          tell(world, { count: 'nothing', outcome: 'and does not answer', pasid: message.pasid });
          return go.wait({ device });
        }
        const dropped = dropTranslations(world, device, message);
        const settled = settledInvalidation(world, device);
        tell(world, { count: dropped === 1 ? 'one entry' : `${dropped} entries`, pasid: message.pasid });
        tell(world, {
          outcome: settled === undefined ? 'and lets its reads end first' : 'and completes the invalidation',
        });
        if (settled !== undefined) completeInvalidation(world, settled);
        return go.wait({ device });
      },
    ),
    complete: step(
      'completes the invalidation: its reads have ended',
      {
        when: (world, { device }) => settledInvalidation(world, device) !== undefined,
        awaits: 'room on the link',
        cite: 'PCIe 10.3.2',
        cost: 'link',
        transaction: true,
      },
      (world, { device }) => {
        const settled = present(settledInvalidation(world, device), 'an invalidation that was settled stays so');
        completeInvalidation(world, settled);
        return go.wait({ device });
      },
    ),
    close: step(
      'sends the last request of group {prgi}: {pasid} is being stopped',
      {
        when: (world, { device }) => hasRoomUp(world, devices.get(world, device).link),
        awaits: 'a credit of the link',
        cite: 'PCIe 6.20.1',
        cost: 'link',
        transaction: true,
      },
      (world, { device }) => {
        const group = groupToClose(world, device);
        if (group === undefined) return go.wait({ device });
        const { pasid, prgi } = group;
        tell(world, { pasid, prgi });
        const before = sentRequests.first(world, (row) => row.group === group.id);
        const { page, write, exec } = present(before, 'a group is opened by its first request');
        sendRequest(world, group, { page, write, exec, last: true });
        if (mustGiveUp(world, device, pasid)) markStale(world, group);
        return go.wait({ device });
      },
    ),
    stopped: step(
      'has stopped: nothing more will come from it with {pasid}',
      {
        when: (world, { device }) => hasRoomUp(world, devices.get(world, device).link),
        awaits: 'a credit of the link',
        cite: 'PCIe 6.20.1, 10.4.1.2.1',
        transaction: true,
      },
      (world, { device }) => {
        const use = endedUse(world, device);
        tell(world, { pasid: use?.pasid ?? -1 });
        if (use === undefined) return go.wait({ device });
        const { link, stop, pri, name } = devices.get(world, device);
        if (stop === 'marker' && pri === 1) {
          sendUp(world, link, { kind: 'page-request', pasid: use.pasid, ...stopMarkerBody() });
          send(world, 'message', name, 'smmu', 'stop marker', { pasid: use.pasid });
        }
        pasidUses.remove(world, use.id);
        return go.wait({ device });
      },
    ),
  }),
);

function somethingToDo(world: World, device: number): boolean {
  if (headDown(world, devices.get(world, device).link) !== null) return true;
  if (settledInvalidation(world, device) !== undefined) return true;
  return groupToClose(world, device) !== undefined || endedUse(world, device) !== undefined;
}

/** A completion of a translation or a read: the job that asked learns it, the ATC keeps what was granted. */
function complete(world: World, device: number, message: Message): string {
  const job = jobs.find(world, message.tag);
  if (message.kind === 'write-completion' && job !== undefined) return land(world, job.id, message);
  if (job === undefined || job.device !== device || job.answer !== 'none') return 'nobody asked any more';
  if (message.status !== 'success') {
    setJob(world, job.id, { answer: 'refused' });
    return `refused with ${message.status}`;
  }
  if (message.kind === 'read-completion') {
    jobs.edit(world, job.id, (row) => {
      row.answer = 'granted';
      row.value = message.lo;
      row.valueHi = message.hi;
    });
    return 'the data is here';
  }
  const rights = fill(world, device, message, job.asking);
  const access = accessOf(job);
  const enough = (rights & RIGHT[access]) !== 0;
  setJob(world, job.id, { answer: enough ? 'granted' : 'missing' });
  if (rights === 0) return 'no translation, R=0 W=0';
  return enough
    ? 'a translation for its ATC'
    : `a translation, but not for ${access === 'write' ? 'writing' : 'executing'}`;
}

/** A write that is not posted is over; the completion record tells if one was refused. */
function land(world: World, job: number, { status }: Message): string {
  if (status === 'success') return 'the data is in memory';
  setJob(world, job, { answer: 'refused' });
  return `refused with ${status}`;
}

/** Keeps a granted translation in the ATC; the rights in it, none for R=W=0. */
function fill(world: World, device: number, message: Message, asked: number): number {
  const words = [message.lo, message.hi];
  const field = (name: keyof typeof ATS_COMPLETION.fields): number => getField(words, ATS_COMPLETION.fields[name]);
  const rights =
    (field('R') === 1 ? RIGHT.read : 0) |
    (field('W') === 1 ? RIGHT.write : 0) |
    (field('Exe') === 1 ? RIGHT.execute : 0) |
    (field('Priv') === 1 ? RIGHT.privileged : 0);
  if ((rights & (RIGHT.read | RIGHT.write)) === 0) return 0;
  const run = decodePages({ S: field('S'), Addr: field('Addr') });
  const atc = atcOf(world, device);
  const span = keptSpan(atc, run.span);
  const page = asked - (asked % 2 ** span);
  const tag = { kind: 0, vmid: 0, asid: message.pasid, page, global: field('Global') === 1 };
  // Of a run that it cannot keep as one, the part that was asked for.
  const output = run.page + (page % 2 ** run.span);
  insert(world, atc, { ...tag, span, output, rights, lo: message.lo, hi: message.hi });
  return rights;
}

const ANSWERS: Readonly<Record<number, Answer>> = {
  [PRG_RESPONSE_CODE.SUCCESS]: 'success',
  [PRG_RESPONSE_CODE.INVALID_REQUEST]: 'invalid',
};

/** A page response answers a whole group and gives its credits back. PCIe 10.4.2. */
function respond(world: World, device: number, message: Message): string {
  const words = [message.lo, message.hi];
  const prgi = getField(words, PRG_RESPONSE_BODY.fields.PRGI);
  const answer = ANSWERS[getField(words, PRG_RESPONSE_BODY.fields.RespCode)] ?? 'failure';
  const group = groupAt(world, device, prgi);
  tell(world, { prgi, answer });
  devices.edit(world, device, (row) => {
    if (group === undefined) row.unexpected = 1;
    if (answer === 'failure') row.failed = 1;
  });
  if (group !== undefined) endGroup(world, group);
  if (answer === 'failure') forgetOpenGroups(world, device);
  if (group === undefined) return `group ${prgi} is not outstanding`;
  if (group.stale === 1) return `the stale group ${prgi} is over`;
  if (group.job >= 0) setJob(world, group.job, { answer });
  return `group ${prgi}: ${answer}`;
}
