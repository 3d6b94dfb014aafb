/** The IOTLB: translations tagged by VMID and ASID, shared by every stream that has them. SMMUv3 3.17. */
import type { World } from '../../world/world.ts';
import { spanOf } from '../arm64/walk.ts';
import type { Visit } from '../page-format.ts';
import type { Message } from '../pcie/link.ts';
import { touch } from '../replacement.ts';
import { insert, lookup, outputOf, RIGHT, rightsOf, type TlbKey } from '../tlb.ts';
import { cdField } from './context.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';
import { iotlb, smmus, UNIT } from './smmu.ts';
import { accessOf, type Held, inputPage } from './stage-1.ts';
import { steField } from './stream-table.ts';

/** Descriptor bit nG: the translation belongs to one address space. */
const NON_GLOBAL = 1 << 11;

/** A translation: output page and rights, of RIGHT. */
export interface Translation {
  readonly output: number;
  readonly rights: number;
}

/** Rights, of RIGHT, without which the IOTLB cannot answer and memory is asked. */
function wantedRights(message: Message): number {
  if (message.kind !== 'translation-request') return RIGHT[accessOf(message)];
  return RIGHT.read | (message.noWrite === 1 ? 0 : RIGHT.write) | (message.exec === 1 ? RIGHT.execute : 0);
}

/**
 * The cached translation, null on a miss. One that refuses what is wanted counts as a miss: software may have allowed
 * more since, which needs no invalidation here.
 */
export function lookUp(world: World, held: Held, message: Message): Translation | null {
  const tlb = iotlb(world, held.smmu);
  const page = inputPage(world, held, message);
  const index = lookup(world, tlb, keyOf(world, held, message, page));
  if (index < 0) return null;
  const rights = rightsOf(world, tlb, index);
  const wanted = wantedRights(message);
  if ((rights & wanted) !== wanted) return null;
  touch(world, tlb, index);
  return { output: outputOf(world, tlb, index, page), rights };
}

/** Privilege is part of the tag, because the rights are those of one privilege. Without stage 2 the VMID is 0. */
function keyOf(world: World, { smmu, ste, cd }: Held, message: Message, page: number): TlbKey {
  const hasStage2 = registerField(world, smmu, REGISTER.IDR0, 'S2P') === 1;
  return {
    kind: message.priv,
    vmid: hasStage2 ? steField(world, smmu, ste, 'S2VMID') : 0,
    asid: cdField(world, smmu, cd, 'ASID'),
    page,
  };
}

/** Puts a translation into the IOTLB, unless an invalidation has overtaken the walk. Whether it did. */
export function fill(
  world: World,
  held: Held,
  message: Message,
  leaf: Visit & { readonly level: number },
  rights: number,
): boolean {
  if (smmus.get(world, held.smmu).unit === UNIT.overtaken) return false;
  const span = spanOf(leaf.level);
  const within = (1 << span) - 1;
  const page = inputPage(world, held, message);
  const { kind, vmid, asid } = keyOf(world, held, message, page);
  insert(world, iotlb(world, held.smmu), {
    kind,
    vmid,
    asid,
    global: (leaf.lo & NON_GLOBAL) === 0,
    page: page - (page & within),
    span,
    output: leaf.next - (leaf.next & within),
    rights,
    isPrivate: cdField(world, held.smmu, held.cd, 'ASET') === 1,
    lo: leaf.lo,
    hi: leaf.hi,
  });
  return true;
}
