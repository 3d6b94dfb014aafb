/** What a program does: it loads and stores 32-bit words, through the tables that it shares with its devices. */
import { TLB_DENIED, TLB_MISS, translate, walkAndFill } from '../hardware/cpu-mmu.ts';
import { formatOf } from '../hardware/cpus.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { readWord, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { hasCurrentAsid, switchTo } from './asid.ts';
import { doPageFault } from './cpu-fault.ts';
import { mms } from './mm.ts';
import { PROT, userPages } from './vma.ts';

/** ASIDs have rolled over since the process last ran. */
const SWITCHED = 'is switched in again, with ASID {asid} of a new generation';
const CONTEXT_SWITCH = 'arch/arm64/mm/context.c check_and_switch_context()';

/** Loads the word at a byte offset (multiple of 4) of a page; returns it, 0 to 2^32 - 1, or a negative errno. */
export const cpuLoad = procedure(
  'cpu_load',
  'self',
  {
    access: ['mm', 'page', 'offset'],
    walk: ['mm', 'page', 'offset'],
    switch: ['mm', 'page', 'offset'],
    fault: ['mm', 'page', 'offset'],
    retry: ['mm', 'page', 'offset', 'result'],
  },
  (go) => ({
    access: step('loads from {page}', { cite: 'Arm ARM D8', cost: 'cached' }, (world, locals) => {
      if (!hasCurrentAsid(world, locals.mm)) return go.switch(locals);
      const pfn = translated(world, locals, 'read');
      if (pfn === TLB_DENIED) return go.fault(locals);
      return pfn === TLB_MISS ? go.walk(locals) : done(readWord(world, pfn, locals.offset));
    }),
    walk: step(
      'walks the page tables for {page} and finds {found}',
      { cite: 'Arm ARM D8.2', cost: 'memory' },
      (world, locals) => {
        if (!hasCurrentAsid(world, locals.mm)) return go.switch(locals);
        return isFilled(world, locals, 'read') ? go.access(locals) : go.fault(locals);
      },
    ),
    switch: step(SWITCHED, { cite: CONTEXT_SWITCH, cost: 'memory' }, (world, locals) => {
      tell(world, { asid: switchTo(world, locals.mm) });
      return go.access(locals);
    }),
    fault: step('faults on the read of {page}', { cite: 'Arm ARM D8', cost: 'syscall' }, (_world, locals) => {
      const { mm, page } = locals;
      return call(doPageFault.at.lock({ mm, page, prot: PROT.read }), go.retry({ ...locals, result: RESULT }));
    }),
    retry: step(
      'returns from the fault on {page}',
      { cite: 'arch/arm64/kernel/entry.S ret_to_user' },
      (_world, { mm, page, offset, result }) => (result < 0 ? fail(result) : go.access({ mm, page, offset })),
    ),
  }),
);

/** Stores a word at a byte offset (multiple of 4) of a page; returns 0 or a negative errno. */
export const cpuStore = procedure(
  'cpu_store',
  'self',
  {
    access: ['mm', 'page', 'offset', 'value'],
    walk: ['mm', 'page', 'offset', 'value'],
    switch: ['mm', 'page', 'offset', 'value'],
    fault: ['mm', 'page', 'offset', 'value'],
    retry: ['mm', 'page', 'offset', 'value', 'result'],
  },
  (go) => ({
    access: step('stores to {page}', { cite: 'Arm ARM D8', cost: 'cached' }, (world, locals) => {
      if (!hasCurrentAsid(world, locals.mm)) return go.switch(locals);
      const pfn = translated(world, locals, 'write');
      if (pfn === TLB_DENIED) return go.fault(locals);
      if (pfn === TLB_MISS) return go.walk(locals);
      writeWord(world, pfn, locals.offset, locals.value);
      return done();
    }),
    walk: step(
      'walks the page tables for {page} and finds {found}',
      { cite: 'Arm ARM D8.2', cost: 'memory' },
      (world, locals) => {
        if (!hasCurrentAsid(world, locals.mm)) return go.switch(locals);
        return isFilled(world, locals, 'write') ? go.access(locals) : go.fault(locals);
      },
    ),
    switch: step(SWITCHED, { cite: CONTEXT_SWITCH, cost: 'memory' }, (world, locals) => {
      tell(world, { asid: switchTo(world, locals.mm) });
      return go.access(locals);
    }),
    fault: step('faults on the write to {page}', { cite: 'Arm ARM D8', cost: 'syscall' }, (_world, locals) => {
      const { mm, page } = locals;
      return call(doPageFault.at.lock({ mm, page, prot: PROT.write }), go.retry({ ...locals, result: RESULT }));
    }),
    retry: step(
      'returns from the fault on {page}',
      { cite: 'arch/arm64/kernel/entry.S ret_to_user' },
      (_world, { mm, page, offset, value, result }) =>
        result < 0 ? fail(result) : go.access({ mm, page, offset, value }),
    ),
  }),
);

interface Where {
  readonly mm: number;
  readonly page: number;
}

/** Translation and access are one step: a TLBI waits for accesses that use the old translation. */
function translated(world: World, { mm, page }: Where, access: 'read' | 'write'): number {
  const pfn = translate(world, mms.get(world, mm).asid, page, access);
  if (pfn >= 0) tell(world, { pfn });
  return pfn;
}

/** Addresses above those of users belong to the kernel's tables, where a user has nothing. */
function isFilled(world: World, { mm, page }: Where, access: 'read' | 'write'): boolean {
  const { pgd, asid } = mms.get(world, mm);
  const fault = page < userPages(world) ? walkAndFill(world, pgd, asid, page, access) : 'translation';
  const refusal = fault === 'access' ? formatOf(world).unmarked : `${fault} fault`;
  tell(world, { found: fault === null ? 'a page' : fault === 'translation' ? 'nothing' : `a page, ${refusal}` });
  return fault === null;
}
