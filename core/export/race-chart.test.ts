import { expect, test } from 'vitest';
import { eventsOf, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { SCENARIOS } from '../scenarios/catalogue.ts';
import { raceChartOf } from './race-chart.ts';
import type { Run } from './run.ts';

const STAGE = `machine smmuv3
policy rfcv2-as-posted
device gpu0 pci 00:01.0 ats pri pasid 16 domain a
device nic0 pci 00:02.0 ats pri pasid 16 domain b
process app
process tool
`;

function race(script: string, at?: number): string[] {
  const { play, diagnostics } = playScript(STAGE + script);
  expect(diagnostics).toEqual([]);
  const run: Run = { name: 'some.svm', script: STAGE + script, play };
  if (at !== undefined) seek(machineOf(play), at);
  const lines = raceChartOf(run).trimEnd().split('\n');
  if (at === undefined) expect(eventsOf(machineOf(play))).toBe(machineOf(play).trace.length);
  return lines;
}

const TWO = `bind app gpu0 &
run only app until iommu_process_bind_device.insert
bind app nic0 by tool &
run only tool
`;

test('it says where it comes from, and has a column for each thread and for each piece of hardware', () => {
  const [command, , , head] = race(TWO);

  expect(command).toBe('svm run some.svm --policy rfcv2-as-posted --format race');
  expect(head).toBe('      app               | tool              | smmu0');
});

test('a command that is too long for a line goes on below, as a shell takes it', () => {
  const policy = 'rfcv2,process-lookup=once,context-lookup=once';
  const { play } = playScript(`${STAGE}${TWO}`.replace('rfcv2-as-posted', policy));
  const lines = raceChartOf({ name: 'a-longer-name.svm', script: '', play }).split('\n');
  const last = lines.findIndex((line) => !line.endsWith(' \\'));

  expect(last).toBeGreaterThan(0);
  expect(
    lines
      .slice(0, last + 1)
      .join('')
      .replaceAll(/ \\ +/g, ' '),
  ).toBe(`svm run a-longer-name.svm --policy ${policy} --format race`);
});

test('who has to wait for a lock is seen between the two lines of who holds it', () => {
  const lines = race(TWO);
  const at = (text: string) => lines.findIndex((line) => line.includes(text));

  const waits = at('... waits for');
  expect(
    lines
      .slice(waits, waits + 3)
      .join(' ')
      .replaceAll(/[ |]+/g, ' '),
  ).toContain('iommu_process_lock, held by tool');
  expect(lines.slice(0, waits).findLast((line) => /spin_(un)?lock/.test(line))).toContain('| ');
  expect(lines.slice(waits).find((line) => /spin_(un)?lock/.test(line))).toContain('spin_unlock(&iommu_process_lock)');
});

test('a machine that stopped at a broken invariant says so, and where', () => {
  const lines = race(`${TWO}run only app\n`);

  expect(lines.find((line) => line.includes('BROKEN'))).toMatch(
    /^ +46 {2}\* BROKEN one-pasid: app has two PASIDs, 1 and 2/,
  );
});

test('a race up to a moment ends there, and one of nothing has its two lines only', () => {
  const lines = race(TWO, 20);

  expect(lines[0]).toContain('--at 20 --format race');
  expect(lines.some((line) => line.includes('mmput()'))).toBe(true);
  expect(lines.some((line) => line.includes('iommu_process_attach()'))).toBe(false);
  expect(race(TWO, 0).filter((line) => line !== '')).toHaveLength(2);
});

function museum(id: string): string[] {
  const { text = '' } = SCENARIOS.find((scenario) => scenario.id === `museum-${id}`) ?? {};
  return raceChartOf({ name: 'some.svm', script: text, play: playScript(text).play }).split('\n');
}

const inWords = (lines: readonly string[]): string => lines.join(' ').replaceAll(/[ |]+/g, ' ');

test('where a bug of the museum goes wrong is told in words and marked below them', () => {
  const lines = museum('entry-torn');
  const mark = lines.indexOf('      ! here the bug entry-torn acts');

  expect(mark).toBeGreaterThan(0);
  expect(inWords(lines.slice(mark - 4, mark))).toContain('begins at its end, TTB0 before V');
  expect(lines.findIndex((line) => line.includes('* BROKEN'))).toBeGreaterThan(mark);
});

test('a deadlock names everybody who waits for ever, what for, and who holds that', () => {
  expect(inWords(museum('flush-under-lock').slice(-5))).toContain(
    '* DEADLOCK: nobody can move. app waits for the fault worker; fault worker waits for mmap_lock of app, held by app.',
  );
});
