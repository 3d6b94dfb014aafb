import { hasRoomUp, type Message, messages } from '../hardware/pcie/link.ts';
import { present } from '../lib/assert.ts';
import { shortPage } from '../lib/format.ts';
import { type Makers, type Next, procedure, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { devices } from './device.ts';
import { accessOf, type Job, jobs, jobsOf, pagesOf, setJob, wantsWrite } from './job.ts';
import {
  canRequest,
  creditsLeft,
  freeGroupIndex,
  groupAt,
  markStale,
  requestGroups,
  requestsFor,
  sendRequest,
} from './page-request.ts';
import { mustGiveUp } from './pasid-use.ts';
import { addressWords, bitCount, cachedPage, lowestBits, NO_PAGE, partOn, upstream } from './transfer.ts';

const LABELS = {
  idle: ['device'],
  lookup: ['job', 'page', 'missing'],
  ask: ['job', 'page', 'missing'],
  answer: ['job', 'page', 'missing'],
  group: ['job', 'missing'],
  request: ['job', 'missing', 'prgi'],
  response: ['job', 'prgi'],
  retry: ['job'],
  access: ['job', 'page', 'output'],
  data: ['job', 'page'],
  finish: ['job', 'good'],
} as const;
type Go = Makers<typeof LABELS>;

/**
 * The engine of a device that works off its descriptors. With ATS it translates each page through its ATC, asks for
 * what is missing as one page request group, and retries; without ATS it sends untranslated requests, which may stall.
 * `missing` has one bit for each page of the job that had no usable translation.
 */
export const dmaEngine = procedure('dma_engine', 'self', LABELS, (go) => ({
  idle: step(
    'takes {job} from its work queue',
    {
      when: (world, { device }) => nextJob(world, device) !== undefined,
      awaits: 'work',
      atomic: 'one engine takes one descriptor',
      cite: 'docs/notional-machine.md, work descriptors',
      chapter: 'Translate',
    },
    (world, { device }) => {
      const job = nextJob(world, device) as Job;
      setJob(world, job.id, { state: 'running' });
      tell(world, { job: job.id });
      if (devices.get(world, device).ats === 0) return go.access({ job: job.id, page: job.page, output: NO_PAGE });
      return go.lookup({ job: job.id, page: job.page, missing: 0 });
    },
  ),
  lookup: step(
    'looks for {page} in its ATC: {found}',
    { cost: 'atc', cite: 'PCIe 10.1.2' },
    (world, { job, page, missing }) => {
      const output = cachedPage(world, jobs.get(world, job), page);
      tell(world, { found: output === NO_PAGE ? 'a miss' : 'a hit' });
      if (output === NO_PAGE) return go.ask({ job, page, missing });
      return missing === 0 ? go.access({ job, page, output }) : nextLookup(world, go, job, page, missing);
    },
  ),
  ask: step(
    'asks for a translation of {page}, to {access}',
    {
      when: (world, { job }) => hasRoomUp(world, linkOf(world, job)),
      awaits: 'a credit of the link',
      cost: 'link',
      cite: 'PCIe 10.2.1',
      transaction: true,
    },
    (world, { job, page, missing }) => {
      const row = jobs.get(world, job);
      const noWrite = wantsWrite(row) ? 0 : 1;
      tell(world, { access: accessOf(row) });
      upstream(
        world,
        row,
        { kind: 'translation-request', noWrite, tag: job, ...addressWords(page, 0) },
        {
          text: `ATS translation request: ${shortPage(page)}`,
        },
      );
      setJob(world, job, { answer: 'none', asking: page });
      return go.answer({ job, page, missing });
    },
  ),
  answer: step(
    'takes the answer for {page}: {answer}',
    {
      when: (world, { job }) => jobs.get(world, job).answer !== 'none',
      awaits: 'the translation completion',
      cite: 'PCIe 10.2.3',
    },
    (world, { job, page, missing }) => {
      const { answer } = jobs.get(world, job);
      tell(world, { answer });
      if (answer === 'refused') return go.finish({ job, good: 0 });
      if (answer === 'granted')
        return missing === 0 ? go.lookup({ job, page, missing }) : nextLookup(world, go, job, page, missing);
      return nextLookup(world, go, job, page, missing | bitOf(world, job, page));
    },
  ),
  group: step(
    'opens page request group {prgi} for {count} missing',
    {
      when: (world, { job, missing }) => mayRequest(world, job, missing),
      awaits: 'page request credits',
      atomic: 'one group index',
      cite: 'PCIe 10.4.1',
    },
    (world, { job, missing }) => {
      const row = jobs.get(world, job);
      const prgi = freeGroupIndex(world, row.device);
      const requests = requestsFor(world, row, bitCount(missing));
      tell(world, { prgi, count: requests === 1 ? 'the page' : `${requests} pages` });
      if (givesUp(world, row) || !canRequest(world, row)) return go.finish({ job, good: 0 });
      requestGroups.insert(world, { device: row.device, prgi, pasid: row.pasid, job, requests, open: 1, stale: 0 });
      setJob(world, job, { state: 'waiting', answer: 'none' });
      return go.request({ job, missing: lowestBits(missing, requests), prgi });
    },
  ),
  request: step(
    'asks the kernel for {page}: a page request to {access}, {pasid}, {last} of group {prgi}',
    {
      when: (world, { job }) => hasRoomUp(world, linkOf(world, job)),
      awaits: 'a credit of the link',
      cost: 'link',
      cite: 'PCIe 10.4.1',
      transaction: true,
    },
    (world, { job, missing, prgi }) => {
      const row = jobs.get(world, job);
      const rest = missing & (missing - 1);
      const page = row.page + Math.log2(missing & -missing);
      const last = rest === 0;
      tell(world, {
        page,
        pasid: row.pasid,
        access: accessOf(row),
        last: last ? 'last' : 'not the last',
      });
      const group = present(groupAt(world, row.device, prgi), 'the group of a request is outstanding');
      const access = accessOf(row);
      const wants = { write: access === 'write' ? 1 : 0, exec: access === 'execute' ? 1 : 0 };
      sendRequest(world, group, { page, ...wants, last });
      return last ? go.response({ job, prgi }) : go.request({ job, missing: rest, prgi });
    },
  ),
  response: step(
    'learns that group {prgi} was answered: {answer}',
    {
      when: (world, { job }) => jobs.get(world, job).answer !== 'none' || givesUp(world, jobs.get(world, job)),
      awaits: 'the page response',
      cite: 'PCIe 10.4.2',
    },
    (world, { job, prgi }) => {
      const { answer, device } = jobs.get(world, job);
      tell(world, { answer: answer === 'none' ? 'not any more, the PASID is being stopped' : answer });
      if (answer === 'success') return go.retry({ job });
      const group = groupAt(world, device, prgi);
      if (answer === 'none' && group !== undefined) markStale(world, group);
      return go.finish({ job, good: 0 });
    },
  ),
  retry: step('tries {job} again from its first page', { chapter: 'Retry', cite: 'PCIe 10.4.2' }, (world, { job }) => {
    const row = jobs.get(world, job);
    const asked = requestsFor(world, row, pagesOf(row));
    setJob(world, job, { state: 'running', burst: (asked + 1) >> 1 });
    return go.lookup({ job, page: row.page, missing: 0 });
  }),
  access: step(
    '{does} {page}',
    {
      when: (world, { job }) => hasRoomUp(world, linkOf(world, job)),
      awaits: 'a credit of the link',
      cost: 'link',
      cite: 'PCIe 10.1.1',
      transaction: true,
    },
    (world, { job, page, output }) => {
      const row = jobs.get(world, job);
      if (output !== NO_PAGE && cachedPage(world, row, page) !== output) return go.lookup({ job, page, missing: 0 });
      const at = output === NO_PAGE ? 'untranslated' : 'translated';
      const part = partOn(row, page);
      const words = addressWords(output === NO_PAGE ? page : output, part.offset);
      const kind = wantsWrite(row) ? 'write' : 'read';
      tell(world, { does: DOES[accessOf(row)] });
      upstream(
        world,
        row,
        { kind, at, tag: job, bytes: part.bytes, data: part.data, ...words },
        {
          text: `${at} ${accessOf(row) === 'execute' ? 'fetch' : kind}: ${part.bytes} B at ${shortPage(page)}`,
        },
      );
      if (wantsWrite(row))
        return page < lastPage(row) ? nextAccess(world, go, job, page + 1) : go.finish({ job, good: 1 });
      setJob(world, job, { answer: 'none', reading: at === 'translated' ? page : -1 });
      return go.data({ job, page });
    },
  ),
  data: step(
    'takes what it read: {value}',
    {
      when: (world, { job }) => jobs.get(world, job).answer !== 'none',
      awaits: 'the read completion',
      cite: 'PCIe 2.2.9',
    },
    (world, { job, page }) => {
      const row = jobs.get(world, job);
      tell(world, {
        value: row.answer === 'granted' ? `0x${row.value.toString(16)}` : 'nothing, the read was refused',
      });
      setJob(world, job, { reading: -1 });
      if (row.answer !== 'granted') return go.finish({ job, good: 0 });
      if (row.operation === 'chase') return follow(world, go, row);
      return page < lastPage(row) ? nextAccess(world, go, job, page + 1) : go.finish({ job, good: 1 });
    },
  ),
  finish: step(
    'writes the completion record: {job} {ended}',
    {
      when: (world, { job }) => hasLanded(world, job),
      awaits: 'its writes to reach memory',
      atomic: 'one store',
      cite: 'PCIe 2.4.1',
      transaction: true,
    },
    (world, { job, good }) => {
      const { device, answer } = jobs.get(world, job);
      const isGood = good === 1 && answer !== 'refused';
      setJob(world, job, { state: isGood ? 'done' : 'failed' });
      tell(world, { ended: isGood ? 'is done' : 'has failed', fault: isGood ? 0 : 1 });
      reach(world, isGood ? 'dma.done' : 'dma.failed');
      return go.idle({ device });
    },
  ),
}));

const nextJob = (world: World, device: number): Job | undefined =>
  jobsOf(world, device).find((job) => job.state === 'queued');

/** Nothing that the job wrote is under way, stalled or not answered where writes are: the record comes after the data. */
const hasLanded = (world: World, job: number): boolean => {
  const isOf = (row: Message): boolean => row.tag === job && row.link === linkOf(world, job);
  const isWrite = (row: Message): boolean => row.kind === 'write' || row.kind === 'write-completion';
  return messages.first(world, (row) => isWrite(row) && isOf(row)) === undefined;
};

const DOES = { read: 'reads from', write: 'writes to', execute: 'fetches from' } as const;

const linkOf = (world: World, job: number): number => devices.get(world, jobs.get(world, job).device).link;

const lastPage = (job: Job): number => job.page + pagesOf(job) - 1;

const givesUp = (world: World, job: Job): boolean => mustGiveUp(world, job.device, job.pasid);

const bitOf = (world: World, job: number, page: number): number => 1 << (page - jobs.get(world, job).page);

/** After the last page: the missing ones are asked for together; none missing never comes here. */
function nextLookup(world: World, go: Go, job: number, page: number, missing: number): Next {
  const row = jobs.get(world, job);
  return page < lastPage(row) ? go.lookup({ job, page: page + 1, missing }) : go.group({ job, missing });
}

/** The next page of an access under way; its translation may have been invalidated since. */
function nextAccess(world: World, go: Go, job: number, page: number): Next {
  return devices.get(world, jobs.get(world, job).device).ats === 0
    ? go.access({ job, page, output: NO_PAGE })
    : go.lookup({ job, page, missing: 0 });
}

/** It has the credits for the group, or finds out that it will never have them. */
function mayRequest(world: World, id: number, missing: number): boolean {
  const job = jobs.get(world, id);
  if (!canRequest(world, job) || givesUp(world, job)) return true;
  return creditsLeft(world, job.device) >= requestsFor(world, job, bitCount(missing));
}

/** The word just read is a pointer: the chase goes on there, until its last hop. The engine reads aligned pointers only. */
function follow(world: World, go: Go, job: Job): Next {
  if (job.hops <= 1) return go.finish({ job: job.id, good: 1 });
  const target = jobs.edit(world, job.id, (row) => {
    row.hops -= 1;
    row.page = row.valueHi * 2 ** 20 + (row.value >>> 12);
    row.offset = row.value & 0xfff;
  });
  return target.offset % 8 === 0 ? nextAccess(world, go, job.id, target.page) : go.finish({ job: job.id, good: 0 });
}
