import { cacheShape, seed as seedNumber } from './cache-values.ts';
import { entry, verb } from './entry.ts';
import type { Phrases } from './phrases.ts';
import { choice, mark, oneOf, option, optional, options, param, word } from './phrases.ts';
import * as type from './values.ts';

const onOff = (text: string, field: 'broadcast' | 'coherent' | 'msiFlat'): Phrases => [
  word(text),
  oneOf(field, 'on', 'off'),
];
/** What an IOMMU can do, where it differs from the usual one. */
const abilities = [
  onOff('btm', 'broadcast'),
  [word('httu'), oneOf('updates', 'off', 'access', 'dirty')],
  [word('oas'), oneOf('outputBits', '32', '36', '40', '42', '44', '48')],
  onOff('coherent', 'coherent'),
  [word('smmu-asid-bits'), oneOf('smmuAsidBits', '8', '16')],
  option('sid-bits', 'streamBits', type.streamBits),
  option('ssid-bits', 'substreamBits', type.substreamBits),
  option('stall-max', 'stallMax', type.stallCount),
] as const;

/** Which entry of a full set of a cache makes room. */
export const replacement = (
  field: 'iotlbReplacement' | 'atcReplacement',
  seed: 'iotlbSeed' | 'atcSeed',
): ReturnType<typeof optional> =>
  optional(
    choice(
      [mark(field, 'fifo'), word('fifo'), mark(seed, null)],
      [mark(field, 'lru'), word('lru'), mark(seed, null)],
      [mark(field, 'random'), word('random'), optional(param(seed, seedNumber))],
    ),
  );

/** The commands that say what machine it is, and which kernel runs on it. */
export const MACHINE_GRAMMAR = {
  machine: entry(
    'Build the machine: its architecture, its IOMMU and the sizes of its tables, queues and caches.',
    'machine smmuv3 cd-table 2level cmdq 64',
    verb('machine'),
    param('backend', type.backendName),
    options(
      [word('cd-table'), oneOf('cdTable', 'linear', '2level')],
      [word('stream-table'), oneOf('streamTable', 'linear', '2level')],
      option('frames', 'frames', type.frameCount),
      option('cmdq', 'cmdq', type.queueSize),
      option('evtq', 'evtq', type.queueSize),
      option('priq', 'priq', type.queueSize),
      [...option('iotlb', 'iotlb', cacheShape), replacement('iotlbReplacement', 'iotlbSeed')],
      option('asid-bits', 'asidBits', type.asidWidth),
      option('next-asid', 'nextAsid', type.asidNumber),
      option('smmus', 'smmus', type.smmuCount),
      ...abilities,
      [oneOf('paging', 'sv39', 'sv48')],
      [word('ddt'), oneOf('ddt', '1', '2', '3')],
      onOff('msi-flat', 'msiFlat'),
    ),
  ),
  smmu: entry(
    'Say what one IOMMU can do, where it differs from the others.',
    'smmu 1 btm on oas 40',
    verb('smmu'),
    param('smmu', type.smmuNumber),
    options(...abilities),
  ),
  policy: entry(
    'Choose the kernel design that is running, whole or with single decisions changed.',
    'policy rfcv2,repeat-bind=refused',
    verb('policy'),
    param('policy', type.policyName),
  ),
  bug: entry(
    'Put one bug of the museum into the kernel, or none.',
    'bug atc-before-iotlb',
    verb('bug'),
    param('bug', type.bugName),
  ),
} as const;
