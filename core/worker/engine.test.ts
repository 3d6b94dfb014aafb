import { expect, test } from 'vitest';
import { SCENARIOS } from '../scenarios/catalogue.ts';
import { connect } from './client.ts';
import { createEngine } from './engine.ts';
import type { Answer, Engine, Opened } from './protocol.ts';
import { type Port, serve } from './serve.ts';

/** An engine at the far end of a channel, as the page has it. */
function farEngine(engine = createEngine()): { engine: Engine; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  serve(port2 as unknown as Port, engine);
  port1.start();
  port2.start();
  return {
    engine: connect(port1 as unknown as Port),
    close: () => {
      port1.close();
      port2.close();
    },
  };
}

function value(answer: Answer<Opened>): Opened {
  if (!answer.ok) throw new Error(answer.diagnostics.map((each) => each.message).join());
  return answer.value;
}

/** The event at which first-touch has its page request in the PRI queue: the end of its third chapter. */
async function pageRequest(engine: Engine): Promise<number> {
  const { run } = value(await engine.open({ scenario: 'first-touch' }));
  return run.chapters[3]?.event ?? 0;
}

test('first-touch is five chapters: bind, submit, page request, resolved fault, completed write', async () => {
  const engine = createEngine();
  value(await engine.open({ scenario: 'first-touch' }));
  const told: string[] = [];
  for (let at = 0, i = 0; i < 5; i++) {
    at = await engine.target(at, 1, 'chapter');
    const moment = await engine.seek(at);
    told.push(
      [
        `PASID ${moment?.view.processes[0]?.pasid}`,
        moment?.view.groups[0]?.devices[0]?.jobs[0]?.state ?? 'no job',
        `${moment?.view.iommus[0]?.queues[0]?.length} queued`,
        `${moment?.view.processes[0]?.vmas[1]?.cells[1]?.resident} resident`,
      ].join(', '),
    );
  }
  expect(told).toEqual([
    'PASID 1, no job, 0 queued, 0 resident',
    'PASID 1, queued, 0 queued, 0 resident',
    'PASID 1, waiting, 1 queued, 0 resident',
    'PASID 1, waiting, 0 queued, 1 resident',
    'PASID 1, done, 0 queued, 1 resident',
  ]);
});

test('a moment is the same whichever way it was reached, also over a channel', async () => {
  const { engine, close } = farEngine();
  const { run } = value(await engine.open({ scenario: 'unmap-during-dma' }));
  const there = await engine.seek(40);
  await engine.seek(run.events);
  await engine.seek(3);
  expect(await engine.seek(40)).toEqual(there);
  expect(there?.at).toBe(40);
  close();
});

test('how the invariants stand is told for the moment shown, also over a channel', async () => {
  const { engine, close } = farEngine();
  await engine.open({ scenario: 'first-touch' });
  const stateOf = async (at: number, id: string): Promise<string | undefined> => {
    await engine.seek(at);
    const { holding, applying, standings } = await engine.invariants();
    expect(holding).toBe(applying);
    return standings.find((each) => each.id === id)?.state;
  };

  expect(await stateOf(1, 'success-mapped')).toBe('untried');
  expect(await stateOf(10_000, 'success-mapped')).toBe('holds');
  expect(await stateOf(1, 'success-mapped')).toBe('untried');
  close();
});

test('a seek that a newer one overtakes is answered with null', async () => {
  const { engine, close } = farEngine();
  await engine.open({ scenario: 'first-touch' });
  const [, second, third] = await Promise.all([engine.seek(5), engine.seek(6), engine.seek(7)]);
  expect([second, third?.at]).toEqual([null, 7]);
  close();
});

test('every scenario opens without a report but of what it expects, and each step size leads to its end and back', async () => {
  const engine = createEngine();
  for (const { id } of SCENARIOS) {
    const { run } = value(await engine.open({ scenario: id }));
    expect(run.report?.expected ?? true, id).toBe(true);
    for (const by of ['chapter', 'call', 'transaction', 'step'] as const) {
      let at = 0;
      const stops = [0];
      while (at < run.events) {
        const next = await engine.target(at, 1, by);
        expect(next).toBeGreaterThan(at);
        at = next;
        stops.push(at);
      }
      for (const stop of stops.reverse().slice(1)) {
        at = await engine.target(at, -1, by);
        expect(at).toBe(stop);
      }
    }
  }
});

test('a script that cannot be read, an unknown scenario or a huge text leaves the run as it is', async () => {
  const engine = createEngine();
  const at = await pageRequest(engine);
  const bad = await engine.open({ script: 'machine smmuv3\nbnd app gpu0\n' });
  expect(bad).toMatchObject({ ok: false, diagnostics: [{ line: 2, column: 1 }] });
  expect((await engine.open({ scenario: 'no-such' })).ok).toBe(false);
  expect((await engine.open({ script: 'x'.repeat(1_000_000) })).ok).toBe(false);
  expect((await engine.seek(at))?.now.sentence).toContain('PRI queue');
});

test('a link is checked by its fingerprint, and says so if the core is another', async () => {
  const engine = createEngine();
  const { run, moment } = value(await engine.open({ scenario: 'first-touch', at: 50 }));
  const { fingerprint } = moment.view;
  const same = await engine.open({ script: run.script, at: 50, fingerprint, version: run.version });
  expect(value(same).notices).toEqual([]);
  const older = await engine.open({ script: run.script, at: 50, fingerprint, version: '0.0.1+old' });
  expect(value(older).notices.join()).toMatch(/made by core 0\.0\.1\+old, this is .*: its state came out the same/);
  const other = await engine.open({ scenario: 'first-touch', at: 50, fingerprint: '0', version: '0.0.1+old' });
  expect(value(other).notices.join()).toContain('0.0.1+old');
});

test('a command at the end goes on; its run, opened as a script, leads to the same state', async () => {
  const engine = createEngine();
  const { run } = value(await engine.open({ scenario: 'first-touch' }));
  await engine.seek(run.events);
  const spoken = await engine.command('munmap app heap+0x1000 1');
  expect(spoken.refused).toBe(false);
  expect(spoken.run.events).toBeGreaterThan(run.events);
  const again = value(await createEngine().open({ script: spoken.run.script, at: spoken.run.events }));
  expect(again.moment.view.fingerprint).toBe(spoken.moment.view.fingerprint);
});

test('a command in the middle of another one cuts the run there, and the cut script leads to the same moment', async () => {
  for (const at of [1, 20, 38, 50, 70, 100]) {
    const engine = createEngine();
    value(await engine.open({ scenario: 'first-touch', at }));
    const { view } = (await engine.seek(at)) ?? {};
    const spoken = await engine.command('run 1');
    const cut = value(await createEngine().open({ script: spoken.run.script, at }));
    expect(cut.moment.view.fingerprint, `cut at ${at}`).toBe(view?.fingerprint);
    expect(cut.run.events).toBe(at + 1);
  }
});

test('a refused command names errno and rule, and changes nothing, the future included', async () => {
  const engine = createEngine();
  const { run } = value(await engine.open({ scenario: 'first-touch', at: 20 }));
  const before = await engine.seek(20);
  const spoken = await engine.command('bind nobody gpu0');
  expect(spoken).toMatchObject({ refused: true, output: ['ESRCH: there is no process nobody, or it has exited'] });
  expect(spoken.moment).toEqual(before);
  expect(spoken.run.events).toBe(run.events);
  expect((await engine.command('bnd app')).output[0]).toContain('bind');
});

test('what a key names can be inspected: rows, records bit by bit, and who wrote them', async () => {
  const engine = createEngine();
  const at = await pageRequest(engine);
  await engine.seek(at);
  const record = await engine.inspect('priq/0/0');
  expect(record?.records[0]?.bits.find((bits) => bits.name === 'W')).toMatchObject({ hi: 61, lo: 61, hex: '0x1' });
  expect(record?.history[0]?.event).toBe(at);
  const process = await engine.inspect('job/none', 'process/0', 'priq/0/0');
  expect(process?.fields).toContainEqual({ name: 'pasid', value: '1' });
  for (const nonsense of ['', 'x', 'pte/zz/1', 'priq/9/9', 'cd/7/1', 'atc/0/999', 'row/1', 'actor/-1']) {
    expect(await engine.inspect(nonsense), nonsense).toBeNull();
  }
});

test('everything that a view names can be inspected', async () => {
  const engine = createEngine();
  const { run } = value(await engine.open({ scenario: 'unmap-during-dma' }));
  for (const at of [0, Math.floor(run.events / 2), run.events]) {
    const moment = await engine.seek(at);
    const keys = new Set([...JSON.stringify(moment?.view).matchAll(/"key":"([^"]+)"/g)].map((match) => match[1] ?? ''));
    for (const key of keys) expect(await engine.inspect(key), `${key} at ${at}`).not.toBeNull();
    expect(keys.size).toBeGreaterThan(30);
  }
});

test('completion knows the live names', async () => {
  const engine = createEngine();
  value(await engine.open({ scenario: 'first-touch' }));
  const offers = await engine.complete('bind app ', 9);
  expect(offers.map((offer) => offer.text)).toContain('gpu0');
});

test('names that every JavaScript object knows are nothing special', async () => {
  const engine = createEngine();
  value(await engine.open({ scenario: 'first-touch' }));
  for (const name of ['constructor', 'valueof', '__proto__', 'tostring']) {
    expect((await engine.open({ scenario: name })).ok).toBe(false);
    expect(await engine.inspect(`${name}/0`)).toBeNull();
  }
  const script =
    'policy constructor\nprocess constructor maps constructor\ndevice constructor pci 00:01.0 ats pri pasid 8\n';
  const { run, notices } = value(await engine.open({ script }));
  expect(notices).toHaveLength(2);
  expect(run.report).toBeNull();
  const bound = await engine.command('process valueof');
  expect(bound.refused).toBe(false);
  expect((await engine.command('bind valueof constructor')).output).toEqual(['PASID 1']);
});

test('every text of a run tells of it up to the moment, with a name for its file, and the moment shown stays', async () => {
  const engine = createEngine();
  const { run } = value(await engine.open({ scenario: 'first-touch', at: 20 }));
  const { text, file, fingerprint } = await engine.takeAway('race', 57);
  expect(text.split('\n')[0]).toBe('svm run first-touch --policy rfcv2 --at 57 --format race');
  expect(text).toContain(fingerprint);
  expect(file).toBe('first-touch.rfcv2.at-57.race.txt');
  expect((await engine.takeAway('perfetto', run.events)).file).toBe('first-touch.rfcv2.perfetto.json');
  expect((await engine.takeAway('script', 3)).text).toBe(run.script);
  expect((await engine.peek(57)).view.fingerprint).toBe(fingerprint);
  expect((await engine.command('help')).moment.at).toBe(20);
});

test('an event log that was taken away opens the identical run, also one that was changed by hand and cut', async () => {
  const engine = createEngine();
  value(await engine.open({ scenario: 'first-touch', policy: 'rfcv2-as-posted', at: 50 }));
  const { run, moment } = await engine.command('munmap app heap+0x1000 1');
  const taken = await engine.takeAway('jsonl', moment.at);
  expect(taken.file).toBe('first-touch-changed.rfcv2-as-posted.jsonl');

  const other = createEngine();
  const again = value(await other.open({ file: taken.text }));

  expect(again.moment.view.fingerprint).toBe(moment.view.fingerprint);
  expect(again.moment.at).toBe(run.events);
  expect(again.notices.join()).toContain('came out the same');
  expect((await other.takeAway('jsonl', moment.at)).text.split('\n').slice(1)).toEqual(taken.text.split('\n').slice(1));
});

test('an event log that cannot be had again is refused with the line, and opened all the same if that is wanted', async () => {
  const engine = createEngine();
  const at = await pageRequest(engine);
  const { text } = await engine.takeAway('jsonl', at);
  const told = async (file: string, anyway = false): Promise<string> => {
    const answer = await engine.open({ file, anyway });
    return answer.ok
      ? answer.value.notices.join()
      : answer.diagnostics.map((one) => `${one.line}: ${one.message}`).join();
  };

  expect(await told('{"schema":9}')).toContain('1: schema 9 is not known here');
  expect(await told(`${text}{"event":1}\n`)).toMatch(/^\d+: the header says/);
  expect(await told(text.replace('"policy":"rfcv2"', '"policy":"constructor"'))).toMatch(/^1: there is no policy/);
  expect(await told(text.replace('process app', 'process'))).toMatch(/^1: its script, line \d+: expected/);
  const old = text.replace(/"core":"[^"]+"/, '"core":"0.0.1+old"').replace(/"fingerprint":"\w+"/, '"fingerprint":"0"');
  expect(await told(old)).toMatch(/^0: This is not the state that the log ends with: it was made by core 0\.0\.1\+old/);
  expect((await engine.command('help')).moment.at).toBe(0);
  expect(await told(old, true)).toMatch(/^This is not the state/);
  expect((await engine.command('help')).moment.at).toBe(at);
});

test('a second run is laid beside the one shown, by cause, and bad input leaves both', async () => {
  const engine = createEngine();
  const left = value(await engine.open({ scenario: 'first-touch' })).run;

  const answer = await engine.beside({ scenario: 'first-touch', policy: 'mainline' });

  if (!answer.ok) throw new Error('the second run is played');
  const { run, policy, rows } = answer.value;
  expect([policy, rows.left.filter((event) => event > 0).length]).toEqual(['mainline', left.events]);
  expect(rows.right.filter((event) => event > 0)).toHaveLength(run.events);
  const gap = rows.right.indexOf(0);
  expect(await engine.besideRows(gap - 1, gap + 1)).toMatchObject([
    { left: { event: gap }, right: { event: gap } },
    { left: { event: gap + 1 }, right: null },
  ]);
  expect(await engine.besideAt(gap)).toMatchObject({ at: gap, view: { policy: 'mainline' } });
  expect(await engine.differences(60, 60, 'shown')).toEqual([]);
  expect((await engine.differences(60, 58, 'beside')).map(({ kind }) => kind)).toContain('mm');
  expect((await engine.beside({ scenario: 'nowhere' })).ok).toBe(false);
  expect(await engine.besideRows(0, 1)).toMatchObject([{ left: { event: 1 }, right: { event: 1 } }]);
});
