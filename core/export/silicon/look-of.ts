import { type Architecture, architectureOf } from '../../hardware/cpus.ts';
import type { World } from '../../world/world.ts';
import type { SiliconLook } from './look.ts';
import { RISCV_LOOK } from './riscv.ts';
import { SMMUV3_LOOK } from './smmuv3.ts';

const LOOKS: Readonly<Record<Architecture, SiliconLook>> = { arm64: SMMUV3_LOOK, riscv: RISCV_LOOK };

/** How the silicon of this machine is shown. */
export function lookOf(world: World): SiliconLook {
  return LOOKS[architectureOf(world)];
}
