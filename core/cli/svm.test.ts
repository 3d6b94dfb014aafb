import { expect, test } from 'vitest';
import { CORE_VERSION } from '../export/version.ts';
import { SCENARIOS } from '../scenarios/catalogue.ts';
import { EXIT } from './io.ts';
import { svm } from './svm.ts';

const STAGE = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16
device old0 pci 00:02.0
process app
mmap app heap 64K rw- at 0x7f0000000000
`;

/** Runs a command line; `files` are all that there is to read, `-` among them. */
function ran(line: string | readonly string[], files: Readonly<Record<string, string>> = {}) {
  let out = '';
  const said: string[] = [];
  const exit = svm(
    {
      out: (text) => {
        out += text;
      },
      say: (text) => said.push(text),
      read: (path) => files[path] ?? null,
      bytes: (path) => (files[path] === undefined ? null : new TextEncoder().encode(files[path])),
    },
    typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line,
  );
  return { exit, out, said };
}

/** The exit code of a script that begins with the stage, and what it says. */
function played(lines: string) {
  const { exit, said } = ran('run a.svm', { 'a.svm': STAGE + lines });
  return [exit, ...said];
}

test('a scenario of the catalogue holds, also one that breaks as it says', () => {
  for (const id of ['first-touch', 'two-binders'])
    expect(ran(`run ${id}`), id).toMatchObject({ exit: EXIT.held, said: [] });
});

test('a run whose expectations hold says nothing but what was asked for', () => {
  const { exit, out, said } = ran('run a.svm', { 'a.svm': `${STAGE}bind app gpu0\nexpect pasid app 1\n` });

  expect([exit, said]).toEqual([0, []]);
  expect(out).toMatch(/^svm run a.svm --policy rfcv2\n/);
});

test('an expectation that fails is located, and says what is there instead', () => {
  expect(played('bind app gpu0\nexpect pasid app 2\n')).toEqual([1, 'a.svm:7: expect pasid app 2: its PASID is 1']);
});

test('a command that is answered with an errno fails, unless the script expects that very errno', () => {
  const rule = 'the device is attached to no domain or has no PASID capability, or the task has no memory';
  const line = `a.svm:6: bind app old0: -EINVAL: ${rule}`;

  expect(played('bind app old0\n')).toEqual([1, line]);
  expect(played('bind app old0\nexpect errno EINVAL\n')).toEqual([0]);
  expect(played('bind app old0\nexpect bound app old0 0\nexpect errno EINVAL\n')).toEqual([0]);
  expect(played('bind app old0\nunder v2-2018 expect errno EINVAL\n')).toEqual([1, line]);
  expect(played('bind app old0\nrun\nexpect errno EINVAL\n').slice(0, 2)).toEqual([1, line]);
  expect(played('bind app old0\nexpect errno EBUSY\n').slice(0, 2)).toEqual([1, line]);
});

test('a command that is refused fails as well, unless it was expected to', () => {
  expect(played('bind app gpu9\n')).toEqual([1, 'a.svm:6: bind app gpu9: ENODEV: there is no device gpu9']);
  expect(played('bind app gpu9\nexpect errno ENODEV\n')).toEqual([0]);
});

test('a machine, policy or back end that is not there is refused, with the reason', () => {
  const foreign = ran('run a.svm', { 'a.svm': 'machine vtd\n' });

  expect([foreign.exit, ...foreign.said]).toEqual([3, 'a.svm:1: machine vtd: ENODEV: there is no back end vtd']);
  expect(ran('run first-touch --backend vtd')).toEqual({
    exit: 3,
    out: '',
    said: ['svm: there is no back end vtd; there is smmuv3, riscv, riscv-sv39'],
  });
  expect(ran('run first-touch --policy rfcv1').said).toEqual([
    'svm: there is no policy rfcv1; there is rfcv2-as-posted, rfcv2, v2-2018, mainline; did you mean "rfcv2"?',
  ]);
  expect(ran('run first-touch --backend smmuv3 --policy rfcv2').exit).toBe(0);
  expect(ran('run first-touch --backend riscv --policy rfcv2').exit).toBe(0);
});

test('a script that cannot be read is not run: each mistake is located', () => {
  const { exit, out, said } = ran('run - --format trace', { '-': 'machine smmuv3\nbnid app gpu0\nprocess\n' });

  expect([exit, out]).toEqual([1, '']);
  expect(said).toEqual([
    '-:2:1: "bnid" is not a command; did you mean "bind"?',
    '-:3:8: expected a name for the process, found the end of the line',
  ]);
});

test('maps files are looked for beside the script', () => {
  const files = { 'dir/a.svm': 'process p maps m/x.maps\nmunmap p anon 1\nexpect ok\n' };
  const maps = '55f000000000-55f000002000 rw-p 00000000 00:00 0 \n';

  expect(ran('run dir/a.svm', { ...files, 'dir/m/x.maps': maps })).toMatchObject({ exit: 0, said: [] });
  expect(ran('run dir/a.svm', files).said[0]).toBe(
    'dir/a.svm:1: process p maps m/x.maps: ENOENT: there is no maps file m/x.maps',
  );
});

test('the moment and the format of a run can be chosen', () => {
  const trace = ran('run first-touch --format trace --at 42').out.trimEnd().split('\n');
  expect(trace[0]).toBe('# svm run first-touch --policy rfcv2 --at 42');
  expect(trace.at(-1)).toMatch(/^ +42 +<\d+ /);

  const state = JSON.parse(ran('run first-touch --format=state --at 42').out);
  expect(state).toMatchObject({ event: 42, policy: 'rfcv2', backend: 'smmuv3' });
  const [header] = ran('run first-touch --format jsonl --at 42').out.split('\n');
  expect(JSON.parse(header as string).fingerprint).toBe(state.fingerprint);
});

test('an event log is a script again: it leads to the identical run, and one that does not is refused', () => {
  const log = ran('run first-touch --format jsonl --at 42').out;
  const state = ran('run first-touch --format state --at 42').out;

  expect(ran('run a.jsonl --format state', { 'a.jsonl': log })).toEqual({ exit: 0, out: state, said: [] });
  expect(ran('run a.jsonl', { 'a.jsonl': log.replace('"fingerprint":"', '"fingerprint":"0') })).toEqual({
    exit: 1,
    out: '',
    said: ['a.jsonl: This is not the state that the log ends with: its text was changed.'],
  });
  expect(ran('run a.jsonl', { 'a.jsonl': log.replace('"event":17,', '"event":71,') })).toEqual({
    exit: 1,
    out: '',
    said: ['a.jsonl:18: this is not event 17 as a JSON object'],
  });
  expect(ran('check a.jsonl', { 'a.jsonl': '{}' }).exit).toBe(1);
  const foreign = ran('run a.jsonl', { 'a.jsonl': log.replace('"policy":"rfcv2"', '"policy":"rfcv1"') });
  expect([foreign.exit, foreign.said[0]]).toEqual([3, expect.stringContaining('there is no policy rfcv1')]);
});

test('how each invariant stands at a moment is told, with how often its premise was met', () => {
  const { exit, out } = ran('run first-touch --format invariants --at 42');
  const [first, , head, ...lines] = out.trimEnd().split('\n');

  expect(exit).toBe(0);
  expect(first).toBe('# svm run first-touch --policy rfcv2 --at 42 --format invariants');
  expect(head).toMatch(/^# after event 42 under rfcv2: (\d+) of \1 invariants hold$/);
  expect(lines).toContainEqual(expect.stringMatching(/^holds +one-pasid +[1-9]\d* {2}P1$/));
  expect(lines).toContainEqual(expect.stringMatching(/^untried +success-mapped +0 {2}I22$/));
  expect(lines).toContainEqual(expect.stringMatching(/^excepted +quiet-entries +I11 I12$/));
});

test('wrong usage is told apart from what a script does wrong', () => {
  const wrong = {
    'run first-tuch': 'svm run: there is no scenario and no file first-tuch; did you mean "first-touch"?',
    'run first-touch --format char':
      'svm run: there is no format char; there is chart, race, mermaid, trace, jsonl, perfetto, invariants, state; did you mean "chart"?',
    'run first-touch --at x': 'svm run: --at takes a number of events, not x',
    run: 'svm run: SCENARIO or FILE is missing',
    'list it': 'svm list: "it" is one word too many',
    'check nothing.svm': 'svm check: there is no scenario and no file nothing.svm',
    'rn first-touch': 'svm: there is no command rn; did you mean "run"? (svm --help)',
  };

  for (const [line, why] of Object.entries(wrong)) expect(ran(line)).toEqual({ exit: 64, out: '', said: [why] });
  expect(ran('run first-touch --at 100000').said).toEqual([
    expect.stringMatching(/--at 100000: the run has \d{3} events$/),
  ]);
});

test('check tells of every mistake where it is, without running anything', () => {
  const text = 'process app\nbind app gpu0\nmmap app heap 5 rw-\n';

  expect(ran('check dir/a.svm', { 'dir/a.svm': text })).toEqual({
    exit: 1,
    out: [
      'dir/a.svm:2:10: no command before this one declares the device "gpu0"\n',
      'dir/a.svm:3:15: expected a size such as 64K, a multiple of 4K, found 5\n',
    ].join(''),
    said: [],
  });
  expect(ran('check a.svm', { 'a.svm': STAGE })).toEqual({ exit: 0, out: '', said: [] });
});

test('list names every scenario under its subject, for people and for programs', () => {
  const lines = ran('list').out.split('\n');

  expect(lines[0]).toBe('First steps');
  expect(lines[1]).toMatch(/^ {2}first-touch {2,}A device writes a page that nobody has touched\.$/);
  for (const { id } of SCENARIOS) expect(lines.filter((line) => line.startsWith(`  ${id} `))).toHaveLength(1);
  const all = JSON.parse(ran('list --json').out);
  expect(all.map(({ id }: { id: string }) => id)).toEqual(SCENARIOS.map(({ id }) => id));
  expect(all[0]).toMatchObject({ title: 'First touch', subject: 'First steps', counterpart: null });
});

test('help and version go to stdout', () => {
  expect(ran('--help').out).toContain('svm run SCENARIO|FILE');
  expect(ran('run --help')).toMatchObject({ exit: 0, said: [] });
  expect(ran('--version')).toEqual({ exit: 0, out: `${CORE_VERSION}\n`, said: [] });
  expect(ran('')).toMatchObject({ exit: 64, out: '' });
});

test('two runs are compared by cause, two moments thing by thing, and what cannot be compared is said', () => {
  const runs = ran('compare first-touch first-touch --policy-b mainline');
  const moments = ran('compare first-touch@40 first-touch@60');

  expect(runs).toMatchObject({ exit: EXIT.held, said: [] });
  expect(runs.out).toMatch(/^# first-touch \| first-touch under mainline\n# \d+ events of both runs/);
  expect(moments.out).toContain('\n  state            running -> waiting\n');
  expect(ran('compare first-touch@9999 first-touch')).toMatchObject({
    exit: EXIT.usage,
    said: [expect.stringMatching(/^svm compare: first-touch@9999: the run has \d+ events$/)],
  });
  expect(ran('compare first-touch').said.join()).toContain('B is missing');
});

test('explore tries every order of moves, and answers with what breaks or with what was covered', () => {
  const found = ran('explore two-binders --json');
  const limited = ran('explore two-binders --policy rfcv2 --max-states 50 --json');
  const { violation, ...covered } = JSON.parse(found.out) as { violation: Record<string, unknown> };
  const script = ran('explore two-binders --script').out;

  expect([found.exit, limited.exit]).toEqual([EXIT.broken, EXIT.held]);
  expect(covered).toMatchObject({ complete: false, depth: 17, storage: 'fingerprint', policy: 'rfcv2-as-posted' });
  expect(violation).toMatchObject({
    invariant: 'one-pasid',
    sentence: 'app has two PASIDs, 1 and 2',
    schedule: script,
  });
  expect(violation['chart']).toContain('* BROKEN one-pasid');
  expect(JSON.parse(limited.out)).toMatchObject({ complete: false, stop: 'states', violation: null });
  expect(ran('run a.svm', { 'a.svm': script })).toMatchObject({ exit: EXIT.held, said: [] });
});

test('explore begins at a chapter, and puts a bug of the museum into the kernel or takes it out', () => {
  const bug = 'explore museum-range-wraps --json --at';
  const found = ran([...bug.split(' '), 'All of it is unmapped']);
  const { event, violation } = JSON.parse(found.out) as { event: number; violation: { schedule: string } };
  const mended = ran([...bug.split(' '), String(event), '--bug', 'none']);

  expect(found.exit).toBe(EXIT.broken);
  expect(ran('run a.svm', { 'a.svm': violation.schedule })).toMatchObject({ exit: EXIT.held, said: [] });
  expect(mended.exit).toBe(EXIT.held);
  expect(JSON.parse(mended.out)).toMatchObject({ event, bug: null, complete: true, violation: null });
  expect(ran('explore munmap --bug nothing').said[0]).toMatch(/^svm: there is no bug nothing; there is /);
  expect(ran(['explore', 'museum-range-wraps', '--at', 'Nowhere']).said).toEqual([
    'svm explore: museum-range-wraps: no chapter is called "Nowhere"; it has "The device knows a page", "All of it is unmapped"',
  ]);
});

test('explore compares whole states where it is asked to', () => {
  const broken = ran('explore museum-atc-before-iotlb --exact --json');

  expect(JSON.parse(broken.out)).toMatchObject({ storage: 'exact', omissions: 0, bug: 'atc-before-iotlb' });
  expect(broken.exit).toBe(EXIT.broken);
});

test('explore exchanges what is alike where it is asked to, and claims nothing where the machine tells it apart', () => {
  const device = (name: string, at: string): string => `device ${name} pci ${at} ats pri pasid 16 domain io\n`;
  const stage = `machine smmuv3\n${device('gpu0', '00:01.0')}${device('gpu1', '00:02.0')}`;
  const process = 'process app\nmmap app heap 64K rw-\nstore app heap 7\nthread app t1\nthread app t2\n';
  const binds = `${stage}${process}bind app gpu0 by t1\nbind app gpu1 by t2\n`;
  const explored = (text: string, more: string) => ran(`explore a.svm --symmetry ${more}`, { 'a.svm': text });

  const alike = explored(binds, '--json');
  expect(JSON.parse(alike.out)).toMatchObject({
    complete: true,
    symmetry: {
      names: [
        ['gpu0', 'gpu1'],
        ['t1', 't2'],
      ],
    },
  });
  expect(alike.exit).toBe(EXIT.held);
  expect(explored(binds, '').out).toContain('taken for one another: gpu0, gpu1; t1, t2; the states stand for ');
  const unlike = explored(`${binds}munmap app heap 1\n`, '--policy mainline');
  expect(unlike.out).toContain('nothing is claimed. Search without symmetry.');
  expect(unlike.exit).toBe(EXIT.failed);
  expect(ran('explore two-binders --symmetry').out).toContain('nobody is taken for another one');
  expect(ran('explore two-binders --symmetry --walks 3').said).toEqual([
    'svm explore: --symmetry is about the search: random walks compare no states',
  ]);
});

test('museum lists the bugs, and shows the card of one with the commands that find it', () => {
  const all = JSON.parse(ran('museum --json').out) as { id: string; commands: { broken: string; repaired: string } }[];
  const card = ran('museum range-wraps');

  expect(all.length).toBeGreaterThanOrEqual(26);
  expect(ran('museum').out.split('\n').length).toBe(all.length + 5);
  expect(card.out).toContain('\n  found by   svm explore museum-range-wraps\n');
  expect(ran('museum museum-range-wraps').out).toBe(card.out);
  expect(all.find(({ id }) => id === 'bind-vs-exit')?.commands.broken).toBe(
    'svm explore bind-vs-exit --policy rfcv2,dying-mm=unchecked --at "app exits" --until "The PASID can be used again"',
  );
  expect(ran('explore museum-range-wraps --script').exit).toBe(EXIT.broken);
  expect(ran('museum range-wrap')).toMatchObject({
    exit: EXIT.usage,
    said: ['svm museum: there is no exhibit range-wrap; did you mean "range-wraps"?'],
  });
});

test('explore walks at random where it is asked to, the same ways for the same seed', () => {
  const [one, again] = [1, 2].map(() => ran('explore two-binders --walks 50 --seed 3 --json'));
  const { seconds: _, statesPerSecond, transitionsPerSecond, ...found } = JSON.parse(one?.out ?? '');

  expect(JSON.parse(again?.out ?? '')).toMatchObject(found);
  expect(found).toMatchObject({ complete: false, walks: { walks: 50, depth: 1_000, seed: 3 }, left: null });
  expect(found.violation).toMatchObject({ invariant: 'one-pasid', moves: 18 });
  expect(ran('explore two-binders --seed 3').said).toEqual([
    'svm explore: --seed is about random walks: say how many with --walks',
  ]);
  expect(ran('explore two-binders --walks 0').exit).toBe(EXIT.usage);
  expect(ran('explore two-binders --walks 5 --exact').exit).toBe(EXIT.usage);
  expect(ran('explore two-binders --max-states 0').said).toEqual([
    'svm explore: --max-states takes a number from 1 on',
  ]);
  expect(ran('explore two-binders --workers 0').exit).toBe(EXIT.usage);
  expect(ran('explore two-binders --workers 2 --exact').said).toEqual([
    'svm explore: --workers shares out a search by fingerprint: --exact needs one worker',
  ]);
});

test('whoever watches a search is told how far it has come, and may end it', async () => {
  const shown: string[] = [];
  const told: string[] = [];
  const none = () => null;
  const watch = () => ({
    show: (line: string) => void shown.push(line),
    hasEnough: () => shown.length > 0,
    leave: () => void shown.push(''),
  });
  const io = { out: (text: string) => void told.push(text), say: none, read: none, bytes: none, watch };

  expect(await svm(io, ['explore', 'exit-mm', '--policy', 'rfcv2'])).toBe(EXIT.held);

  expect(shown).toEqual([
    expect.stringMatching(/^[\d,]+ states, \d+ moves deep, [\d,]+ to go on from, \d of 120 s /),
    '',
  ]);
  expect(told.join('')).toContain('The search was ended: it found');
});

test('explore says why there is nothing to explore, and what was missed', () => {
  const nothing = ran('explore a.svm', { 'a.svm': 'process app\n' });
  expect([nothing.exit, nothing.out]).toEqual([EXIT.held, expect.stringContaining('There is nothing to try: nobody')]);
  expect(ran('explore bind-first --backend riscv').out).toMatch(
    /^bind-first under rfcv2 on riscv, from event 0 on, .*ends\)/s,
  );
  expect(ran('explore two-binders').out).toContain('\n  line 31: dma gpu0 app write heap 64\n');
  expect(ran('explore range-wraps').said[0]).toMatch(/; did you mean "museum-range-wraps"\?$/);
  expect(ran('explore --help').out).toContain('--max-seconds N        120 seconds');
  expect(ran('explore two-binders --max-states many').exit).toBe(EXIT.usage);
  expect(ran('explore two-binders --at 100000')).toMatchObject({ exit: EXIT.usage, out: '' });
  expect(ran('explore two-binders --policy rfcv1').exit).toBe(EXIT.refused);
  expect(ran('explore a.svm', { 'a.svm': 'machine vtd\n' }).exit).toBe(EXIT.refused);
  expect(ran('explore a.svm', { 'a.svm': 'bnd app gpu0\n' }).exit).toBe(EXIT.failed);
});

test('a generated script is the same for the same seed, as long as was asked for, and holds', () => {
  const { out } = ran('generate --events 2000 --seed 7');
  expect(ran('generate --events 2000 --seed 7').out).toBe(out);
  expect(ran('generate --events 2000 --seed 8').out).not.toBe(out);
  const { exit, out: told } = ran('run a.svm --format jsonl', { 'a.svm': out });
  expect(exit).toBe(EXIT.held);
  expect(told.trimEnd().split('\n').length).toBeGreaterThan(2000);
  expect(ran('generate --events many')).toMatchObject({
    exit: EXIT.usage,
    said: [expect.stringContaining('a number')],
  });
});
