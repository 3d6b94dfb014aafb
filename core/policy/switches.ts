import type { Switch } from './switch.ts';
import { LIFETIME_SWITCHES } from './switches-lifetime.ts';
import { MEMORY_SWITCHES } from './switches-memory.ts';

/** Every switch of the museum. */
export const SWITCHES = { ...LIFETIME_SWITCHES, ...MEMORY_SWITCHES } as const satisfies Readonly<
  Record<string, Switch>
>;

export type SwitchName = keyof typeof SWITCHES;

export const SWITCH_NAMES = Object.keys(SWITCHES) as readonly SwitchName[];

/** The steps that a switch adds to its kernel. */
export function addedBy(name: SwitchName): readonly string[] {
  const { adds = [] }: Switch = SWITCHES[name];
  return adds;
}

export function isSwitch(name: string): name is SwitchName {
  return Object.hasOwn(SWITCHES, name);
}
