/** The ASID of a process in the SMMUs: that of the CPUs, for which a domain gives way, or one of their own. */
import { CMD_TLBI_NH_ASID, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { present } from '../../lib/assert.ts';
import { decides, hasBug, tellBug } from '../../policy/policy.ts';
import { pinAsid, unpinAsid } from '../../process/asid.ts';
import { mms } from '../../process/mm.ts';
import { free, globalLock, isFree, release, take } from '../../sim/lock.ts';
import { call, done, fail, type Next, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { asidEntries, entryOf, holdAgain, ownerOf, takeOwnAsid, takePrivateAsid } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import { forgetContext } from './context-table.ts';
import { cdTablesIn, cdTablesWith, contextPlace, entryZeroWords, smmuDomainOf, smmuDomains } from './domain.ts';

/** Serialises changes of whose an ASID is. */
export const asidLock = globalLock('arm_smmu_asid_lock', 'mutex');

/**
 * arm_smmu_process_alloc(): the process brings the ASID of the CPUs, pinned, and a domain that has it gives way; or it
 * gets one of the SMMUs. Returns 0; -ESRCH where no ASID can be pinned, -ENOSPC where the SMMU has none.
 */
export const processAlloc = procedure(
  'arm_smmu_process_alloc',
  'smmu-driver',
  {
    pin: ['mm'],
    share: ['mm', 'asid'],
    steal: ['mm', 'asid'],
    rewrite: ['mm', 'asid', 'domain', 'after'],
    flush: ['mm', 'asid', 'domain'],
    sync: ['mm', 'asid', 'domain'],
    hand: ['mm', 'asid'],
  },
  (go) => ({
    pin: step('{does}', { wait: 'sleep', cite: 'RFCv2 19/36 mm_context_get()' }, (world, { mm }) => {
      if (decides(world, 'process-asid', 'own')) {
        const own = takeOwnAsid(world, mm);
        tell(world, { does: `takes ASID ${own} of the SMMUs for ${mms.get(world, mm).name}`, asid: own });
        return own < 0 ? fail('ENOSPC') : done();
      }
      const asid = pinAsid(world, mm);
      const pinned = `pins ASID ${asid} of ${mms.get(world, mm).name}: CPU and SMMU tag their TLB entries alike`;
      tell(world, { does: asid === 0 ? 'finds too many ASIDs pinned already' : pinned, asid });
      return asid === 0 ? fail('ESRCH') : go.share({ mm, asid });
    }),
    share: step(
      'looks up whose ASID {asid} is in the SMMUs: {whose}',
      {
        when: free(asidLock),
        ...{ wait: 'sleep', awaits: 'arm_smmu_asid_lock', atomic: 'arm_smmu_asid_lock' },
        cite: 'RFCv2 20/36 arm_smmu_share_asid()',
      },
      (world, { mm, asid }) => {
        const known = entryOf(world, asid);
        tell(world, { whose: known === undefined ? 'of nobody' : ownerOf(world, known) });
        if (known?.mm === -1) {
          take(world, asidLock.id);
          return go.steal({ mm, asid });
        }
        if (known === undefined) asidEntries.insert(world, { asid, mm, domain: -1, shared: 1, users: 1 });
        else holdAgain(world, known);
        return done();
      },
    ),
    steal: step(
      'gives the domain another: {other}',
      { atomic: 'arm_smmu_asid_lock', cite: 'RFCv2 24/36 arm_smmu_share_asid()' },
      (world, { mm, asid }) => {
        const { domain } = present(entryOf(world, asid), 'the ASID is that of a domain');
        const row = smmuDomainOf(world, domain);
        const other = takePrivateAsid(world, row.smmu, domain);
        tell(world, { other: other < 0 ? 'there is none' : `ASID ${other}` });
        if (other < 0) return giveUp(world, mm);
        smmuDomains.edit(world, row.id, (draft) => {
          draft.asid = other;
        });
        return go.rewrite({ mm, asid, domain, after: -1 });
      },
    ),
    rewrite: step(
      'writes it into entry 0 of {domain}, which is in use: {where}',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.4; RFCv2 24/36', transaction: true },
      (world, { mm, asid, domain, after }) => {
        const [all, listed] = [cdTablesWith(world, domain), cdTablesIn(world, domain)];
        const isLate = hasBug(world, 'listed-late');
        const next = (isLate ? listed : all).find((row) => row.id > after);
        tell(world, {
          where: next === undefined ? 'all its tables have it' : 'both ASIDs tag translations until later',
        });
        if (isLate && next === undefined && all.length > listed.length)
          tellBug(world, {
            where: 'the tables of attached devices have it, that of a device being attached has not',
          });
        if (next === undefined) return go.flush({ mm, asid, domain });
        const place = present(contextPlace(world, next, 0), 'entry 0 of a PASID table is there');
        writeWords(world, place.page, place.offset, entryZeroWords(world, next).subarray(0, 2));
        return call(forgetContext(next.id, 0, 1), go.rewrite({ mm, asid, domain, after: next.id }));
      },
    ),
    flush: step(
      'has what ASID {asid} tags for {domain} invalidated',
      { atomic: 'arm_smmu_asid_lock', cite: 'SMMUv3 4.4.2; RFCv2 24/36' },
      (world, { mm, asid, domain }) => {
        const { smmu } = smmuDomainOf(world, domain);
        const command = issue(smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: asid });
        return call(command, go.sync({ mm, asid, domain }));
      },
    ),
    sync: step('waits for the invalidation', { cite: 'SMMUv3 4.7.3' }, (world, { mm, asid, domain }) =>
      call(issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }), go.hand({ mm, asid })),
    ),
    hand: step(
      'hands ASID {asid} over to {mm}',
      { atomic: 'arm_smmu_asid_lock', cite: 'RFCv2 24/36 arm_smmu_share_asid()' },
      (world, { mm, asid }) => {
        asidEntries.edit(world, present(entryOf(world, asid), 'the ASID was that of a domain').id, (row) => {
          row.mm = mm;
          row.domain = -1;
          row.shared = 1;
        });
        release(world, asidLock.id);
        return done();
      },
    ),
  }),
);

function giveUp(world: World, mm: number): Next {
  unpinAsid(world, mm);
  release(world, asidLock.id);
  return fail('ENOSPC');
}

/** arm_smmu_process_free(): unpins it; the SMMUs have no use for it any more. */
export const processFree = procedure('arm_smmu_process_free', 'smmu-driver', { unpin: ['mm'] }, () => ({
  unpin: step(
    'lets ASID {asid} go',
    {
      when: (world) => isFree(world, asidLock.id),
      ...{ wait: 'sleep', awaits: 'arm_smmu_asid_lock', atomic: 'arm_smmu_asid_lock' },
      cite: 'RFCv2 19/36 mm_context_put()',
    },
    (world, { mm }) => {
      const known = asidEntries.first(world, (row) => row.mm === mm);
      tell(world, { asid: known?.asid ?? 0 });
      if (known === undefined) return done();
      if (known.shared === 1) unpinAsid(world, mm);
      if (known.users === 1) asidEntries.remove(world, known.id);
      else {
        asidEntries.edit(world, known.id, (row) => {
          row.users -= 1;
        });
      }
      return done();
    },
  ),
}));
