import { choice, form, mark, oneOf, option, param, word } from './phrases.ts';
import * as type from './values.ts';

/** A place in the memory of a process. */
export const place = [param('process', type.processName), param('address', type.address)] as const;
/** What a store writes, or a place holds. */
export const stored = choice(
  [mark('holds', 'pointer'), word('->', 'operator'), param('pointer', type.address)],
  [mark('holds', 'number'), param('number', type.cellNumber)],
);
/** A DMA address, and whose page tables are meant. */
export const iovaPlace = [param('space', type.spaceName), param('iova', type.dmaAddress)] as const;
const cached = [oneOf('cache', 'iotlb', 'atc'), ...place] as const;
const iovaState = choice(
  form('state', 'mapped'),
  form('state', 'unmapped'),
  form('state', 'cached', oneOf('cache', 'iotlb', 'atc')),
  form('state', 'uncached', oneOf('cache', 'iotlb', 'atc')),
  form('state', 'holds', param('number', type.cellNumber)),
);

const pasidOrNone = choice([mark('pasid', null), word('none')], [param('pasid', type.pasidNumber)]);

/** What `expect` can say of the machine. */
export const claims = choice(
  form('what', 'ok'),
  form('what', 'errno', param('errno', type.errno)),
  form('what', 'pasid', param('process', type.processName), pasidOrNone),
  form(
    'what',
    'bound',
    param('process', type.processName),
    param('device', type.deviceName),
    param('uses', type.tally),
  ),
  form(
    'what',
    'entry',
    param('device', type.deviceName),
    param('pasid', type.pasidNumber),
    choice(
      [mark('owner', null), word('none')],
      [mark('owner', 'quiet'), word('quiet')],
      [param('owner', type.processName)],
    ),
  ),
  form(
    'what',
    'domain',
    param('device', type.deviceName),
    choice([mark('domain', null), word('none')], [param('domain', type.domainName)]),
  ),
  form('what', 'dma', param('device', type.deviceName), oneOf('state', 'done', 'failed', 'waiting')),
  form('what', 'memory', ...place, stored),
  form('what', 'young', ...place),
  form('what', 'old', ...place),
  form('what', 'dirty', ...place),
  form('what', 'clean', ...place),
  form('what', 'mapped', ...place),
  form('what', 'unmapped', ...place),
  form('what', 'swapped', ...place),
  form('what', 'pinned', ...place),
  form('what', 'unpinned', ...place),
  form('what', 'cached', ...cached),
  form('what', 'uncached', ...cached),
  form('what', 'fault', param('answered', type.tally)),
  form(
    'what',
    'answer',
    param('device', type.deviceName),
    ...option('group', 'prgi', type.groupIndex),
    oneOf('answer', 'success', 'invalid', 'failure', 'none'),
  ),
  form('what', 'partials', param('device', type.deviceName), param('partials', type.tally)),
  form('what', 'frames', param('process', type.processName), param('frames', type.tally)),
  form('what', 'iova', ...iovaPlace, iovaState),
  form('what', 'private', param('space', type.spaceName), pasidOrNone),
  form(
    'what',
    'asid',
    oneOf('tags', 'cpu', 'smmu'),
    param('process', type.processName),
    choice([mark('asid', null), word('none')], [param('asid', type.asidNumber)]),
  ),
  form('what', 'domain-asid', param('domain', type.domainName), param('asid', type.asidNumber)),
  form('what', 'broken', param('invariant', type.invariantName)),
);
