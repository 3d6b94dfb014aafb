import { mms } from '../../process/mm.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';

/** An ASID of the CPU that the SMMU uses too: pinned, so that no rollover takes it away (RFCv2 19/36, 20/36). */
export interface PinnedAsid extends Row {
  readonly mm: number;
  readonly asid: number;
  readonly users: number;
}

export const pinnedAsids = table<PinnedAsid>('pinned-asid', { mm: 'int', asid: 'int', users: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  mm: r.mm,
  asid: r.asid,
  users: r.users,
}));

/** arm_smmu_process_alloc(): pins the ASID of the mm. Returns 0, or -ESRCH where there is none to pin. */
export const processAlloc = procedure('arm_smmu_process_alloc', 'smmu-driver', { pin: ['mm'] }, () => ({
  pin: step(
    'pins ASID {asid} of {mm}: CPU and SMMU tag their TLB entries alike',
    { wait: 'sleep', cite: 'RFCv2 19/36 mm_context_get()' },
    (world, { mm }) => {
      const { asid } = mms.get(world, mm);
      tell(world, { asid });
      if (asid === 0) return fail('ESRCH');
      const known = pinnedAsids.first(world, (row) => row.mm === mm);
      if (known === undefined) {
        pinnedAsids.insert(world, { mm, asid, users: 1 });
        return done();
      }
      pinnedAsids.edit(world, known.id, (row) => {
        row.users += 1;
      });
      return done();
    },
  ),
}));

/** arm_smmu_process_free(): unpins it. */
export const processFree = procedure('arm_smmu_process_free', 'smmu-driver', { unpin: ['mm'] }, () => ({
  unpin: step('unpins ASID {asid}', { cite: 'RFCv2 19/36 mm_context_put()' }, (world, { mm }) => {
    const pinned = pinnedAsids.first(world, (row) => row.mm === mm);
    tell(world, { asid: pinned?.asid ?? 0 });
    if (pinned === undefined) return done();
    if (pinned.users === 1) pinnedAsids.remove(world, pinned.id);
    else {
      pinnedAsids.edit(world, pinned.id, (row) => {
        row.users -= 1;
      });
    }
    return done();
  }),
}));
