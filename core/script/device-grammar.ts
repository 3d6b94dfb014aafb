import { entry, posted, verb } from './entry.ts';
import { flag, oneOf, option, options, param } from './phrases.ts';
import * as type from './values.ts';

/** Commands about what a driver does with its device, and about what a device does of its own accord. */
export const DEVICE_GRAMMAR = {
  attach: posted(
    'Attach a device that is in no domain, or its whole group, to a domain: one that exists, or a new one.',
    'attach gpu0 shared',
    verb('attach'),
    param('device', type.deviceName),
    param('domain', type.domainName),
    options(flag('whole-group', 'wholeGroup')),
  ),
  detach: posted(
    'Detach a device, or its whole group, from its domain.',
    'detach gpu0',
    verb('detach'),
    param('device', type.deviceName),
    options(flag('whole-group', 'wholeGroup')),
  ),
  unplug: posted(
    'Take a device out, as by its attention button: its driver removes it, and nothing of it stays behind.',
    'unplug gpu0',
    verb('unplug'),
    param('device', type.deviceName),
  ),
  'enable-pri': posted(
    'Have the driver reset and enable PRI of a device that was told FAILURE: it may ask for pages again.',
    'enable-pri gpu0',
    verb('enable-pri'),
    param('device', type.deviceName),
  ),
  'on-invalidate': entry(
    'Say how a device takes invalidations of its ATC from now on: it answers; it answers late, so that time-outs may come first; or it is silent, and only a time-out ends the wait.',
    'on-invalidate gpu0 silent',
    verb('on-invalidate'),
    param('device', type.deviceName),
    oneOf('manner', 'answer', 'late', 'silent'),
  ),
  request: posted(
    'Have a device send one page request by hand, as a member of a group of its own choice.',
    'request gpu0 app read heap group 3 last',
    verb('request'),
    param('device', type.deviceName),
    param('process', type.processName),
    oneOf('operation', 'read', 'write'),
    param('address', type.address),
    ...option('group', 'prgi', type.groupIndex),
    options(flag('last', 'last'), flag('no-pasid', 'noPasid')),
  ),
} as const;
