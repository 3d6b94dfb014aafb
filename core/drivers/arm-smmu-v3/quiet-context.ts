import { getField, setField } from '../../hardware/layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { call, done, procedure, step } from '../../sim/procedure.ts';
import { readWords, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { forgetContext } from './context-table.ts';
import { cdTables, contextPlace, type Place } from './domain.ts';

const WORDS = CD.size / 4;

function contextAt(world: World, { page, offset }: Place): Uint32Array {
  return readWords(world, page, offset, WORDS, new Uint32Array(WORDS));
}

/** The entry is valid, and leads to no page tables. */
export function isQuiet(words: Uint32Array): boolean {
  return getField(words, CD.fields.V) === 1 && getField(words, CD.fields.EPD0) === 1;
}

/**
 * The quiet context descriptor of a process that has exited: DMA may still be running, so it stays valid, for there
 * would be a C_BAD_CD for each access otherwise; what is not cached is not walked for, and no event is recorded.
 * Linux: arm_smmu_make_sva_cd() without mm; TTB0 is ignored from the first store on, and cleared by the second.
 */
export const quietContext = procedure(
  'arm_smmu_make_sva_cd',
  'smmu-driver',
  { quiet: ['cdTable', 'pasid'], strip: ['cdTable', 'pasid'] },
  (go) => ({
    quiet: step(
      'makes the context descriptor of {pasid} quiet: no walk (EPD0), no event (R=0), no stall',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.4; arm_smmu_mm_release()', transaction: true },
      (world, { cdTable, pasid }) => {
        const place = contextPlace(world, cdTables.get(world, cdTable), pasid);
        if (place === null) return done();
        const words = contextAt(world, place);
        setField(words, CD.fields.EPD0, 1);
        setField(words, CD.fields.R, 0);
        setField(words, CD.fields.S, 0);
        writeWords(world, place.page, place.offset, words.subarray(0, 2));
        return call(forgetContext(cdTable, pasid, 1), go.strip({ cdTable, pasid }));
      },
    ),
    strip: step(
      'clears TTB0 of the context descriptor of {pasid}, which nobody reads any more',
      { atomic: 'one 64-bit store', cite: 'arm_smmu_write_entry()', transaction: true },
      (world, { cdTable, pasid }) => {
        const place = contextPlace(world, cdTables.get(world, cdTable), pasid);
        if (place === null) return done();
        const words = contextAt(world, place);
        setField(words, CD.fields.TTB0, 0);
        writeWords(world, place.page, place.offset + 8, words.subarray(2, 4));
        return forgetContext(cdTable, pasid, 1);
      },
    ),
  }),
);
