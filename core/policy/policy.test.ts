import { expect, test } from 'vitest';
import { answersTo, DECISION_NAMES, DECISIONS } from './decisions.ts';
import { flawInCondition, holdsUnder, PRESET_NAMES, PRESETS, readBug, readPolicy } from './policy.ts';
import type { SwitchName } from './switches.ts';

const named = (text: string) => {
  const read = readPolicy(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
};

const kernel = (text: string, bug: SwitchName | null = null) => ({ policy: named(text), bug });

test('a preset answers every decision, with an answer that the decision has', () => {
  expect(PRESET_NAMES).toEqual(['rfcv2-as-posted', 'rfcv2', 'v2-2018', 'mainline']);
  for (const preset of PRESET_NAMES) {
    for (const decision of DECISION_NAMES) expect(answersTo(decision)).toContain(PRESETS[preset].answers[decision]);
  }
});

test('every answer but those of a decision that stands open is given by some preset', () => {
  for (const decision of DECISION_NAMES) {
    const given = new Set<string>(PRESET_NAMES.map((preset) => PRESETS[preset].answers[decision]));

    expect([...given].sort(), decision).toEqual([...answersTo(decision)].sort());
  }
});

test('every decision is a question with a source', () => {
  for (const { question, cite } of Object.values(DECISIONS)) {
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect(cite).toMatch(/\S/);
  }
});

test('a policy is read as it is written, answers that the preset gives anyway left out', () => {
  expect(named('mainline')).toEqual({ name: 'mainline', answers: PRESETS.mainline.answers });
  expect(named('rfcv2,stack-growth=never,bonds=per-device,identity=task')).toEqual({
    name: 'rfcv2,identity=task,stack-growth=never',
    answers: { ...PRESETS.rfcv2.answers, identity: 'task', 'stack-growth': 'never' },
  });
});

test('what does not exist is said, with what does', () => {
  expect(readPolicy('v3')).toMatchObject({
    ok: false,
    error: expect.stringContaining('there is rfcv2-as-posted, rfcv2'),
  });
  expect(readPolicy('rfcv2,colour=red')).toMatchObject({
    ok: false,
    error: expect.stringMatching(/no decision colour/),
  });
  expect(readPolicy('rfcv2,bonds=red')).toEqual({ ok: false, error: 'bonds is counted or per-device, not red' });
  expect(readPolicy('rfcv2,bonds')).toEqual({ ok: false, error: 'bonds is counted or per-device, not nothing' });
});

test('a condition names policies, or the answers that they give', () => {
  expect(holdsUnder('rfcv2', kernel('rfcv2'))).toBe(true);
  expect(holdsUnder('v2-2018,mainline', kernel('rfcv2'))).toBe(false);
  expect(holdsUnder('v2-2018,mainline', kernel('mainline'))).toBe(true);
  expect(holdsUnder('pasid-table=device', kernel('mainline'))).toBe(true);
  expect(holdsUnder('pasid-table=device', kernel('rfcv2'))).toBe(false);
  expect(holdsUnder('rfcv2+bonds=counted,mainline', kernel('rfcv2'))).toBe(false);
  expect(holdsUnder('rfcv2+bonds=per-device,mainline', kernel('rfcv2'))).toBe(true);
  expect(holdsUnder('rfcv2', kernel('rfcv2,identity=task')), 'a policy that was changed is another one').toBe(false);
});

test('a condition that can never hold is a mistake', () => {
  expect(flawInCondition('rfcv2,bonds=per-device')).toBeNull();
  expect(flawInCondition('rfc')).toContain('there is no policy rfc');
  expect(flawInCondition('rfcv2+bonds=many')).toContain('counted or per-device');
  expect(flawInCondition('bonds=many')).toContain('counted or per-device');
});

test('a condition names the bug of a kernel, or that it has none', () => {
  expect(holdsUnder('bug=atc-before-iotlb', kernel('rfcv2', 'atc-before-iotlb'))).toBe(true);
  expect(holdsUnder('bug=atc-before-iotlb', kernel('rfcv2'))).toBe(false);
  expect(holdsUnder('bug=none', kernel('rfcv2'))).toBe(true);
  expect(holdsUnder('mainline+bug=atc-before-iotlb', kernel('rfcv2', 'atc-before-iotlb'))).toBe(false);
  expect(flawInCondition('bug=atc-before-iotlb,bug=none')).toBeNull();
  expect(flawInCondition('bug=atc-first')).toContain('there is no bug atc-first; there is pasid-freed-at-mmput');
});

test('a bug is read by its name, and none is none', () => {
  expect(readBug('atc-before-iotlb')).toEqual({ ok: true, value: 'atc-before-iotlb' });
  expect(readBug('none')).toEqual({ ok: true, value: null });
  expect(readBug('atc-before-iotlbs')).toMatchObject({
    error: expect.stringContaining('did you mean "atc-before-iotlb"?'),
  });
});
