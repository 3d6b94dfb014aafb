import { expect, test } from 'vitest';
import type { MachineView, MessageView, Moment } from '../engine/contract.ts';
import { firstTouch } from '../testing/first-touch.data.ts';
import { focusOf, isCrowd, NOWHERE } from './focus.ts';

const [start] = firstTouch().moments as [Moment];
const group = start.view.groups[0] as MachineView['groups'][number];
const gpu = group.devices[0] as (typeof group.devices)[number];
const nic = { ...gpu, key: 'device/9', name: 'nic0', jobs: [], requests: [], bonds: [] };
const view: MachineView = { ...start.view, groups: [group, { ...group, devices: [nic] }] };
const moment = (who: string, touched: readonly string[] = []): Moment => ({
  at: 7,
  view,
  now: { ...start.now, event: 7, who },
  touched,
  concerned: [],
  ghosts: [],
});
const said = (from: string, to: string): MessageView[] => [
  { event: 7, traffic: 'message', from, to, text: '', mm: null, fault: false },
];

test('a moment is about the device that its messages or its sentence name', () => {
  expect(focusOf(moment('app'), said('app', 'nic0'), NOWHERE).device).toBe('device/9');
  expect(focusOf(moment('nic0 port'), [], NOWHERE).device).toBe('device/9');
  expect(focusOf(moment('nic0 port'), said('gpu0', 'smmu0'), NOWHERE).iommu).toBe(view.iommus[0]?.key);
});

test('it is about the device that it changes, where none is named', () => {
  expect(focusOf(moment('app', ['device/9']), [], NOWHERE).device).toBe('device/9');
});

test('it stays where it was while no device is named or changed, and leaves one that is gone', () => {
  expect(focusOf(moment('app'), [], { device: 'device/9', iommu: null }).device).toBe('device/9');
  expect(focusOf(moment('app'), [], { device: 'device/77', iommu: null }).device).toBeNull();
});

test('a few are no crowd', () => {
  expect([1, 3, 4, 12].map(isCrowd)).toEqual([false, false, true, true]);
});
