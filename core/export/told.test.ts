import { expect, test } from 'vitest';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { actors } from '../sim/actor.ts';
import { lanesOf } from './story.ts';

test.each(SCENARIOS)('$id: every event is a sentence, with a place in the chart', ({ text }) => {
  const machine = machineOf(playScript(text, { files: FILES }).play);
  const { world, trace } = machine;
  const columns = lanesOf(machine).map(({ id }) => id);
  const own = actors.all(world).map(({ lane }) => lane);
  const places = new Set([...own, 'script', 'mm', 'iommu', 'faults', 'smmu-driver', 'device-driver']);

  for (const { event, text: sentence, lane, messages } of trace) {
    expect(sentence, `event ${event}`).toMatch(/^\S.*\S$/);
    expect(sentence, `event ${event}`).not.toMatch(/[{}]|\b(?:undefined|null|NaN)\b/);
    expect(places, `event ${event} in ${lane}`).toContain(lane);
    for (const { from, to, text: said } of messages) {
      expect(columns, `event ${event}`).toEqual(expect.arrayContaining([from, to]));
      expect(said).toMatch(/\S/);
    }
  }
});
