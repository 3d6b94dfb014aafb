import { test } from 'vitest';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { readPolicy } from '../policy/policy.ts';
import { startAt } from './start.ts';
import { advance, createSearch } from './search.ts';
test('try', () => {
  for (const [id, p] of (process.env['TRY'] ?? 'two-binders:rfcv2-as-posted').split(' ').map((x) => x.split(':'))) {
    const policy = readPolicy(p as string); if (!policy.ok) throw new Error(policy.error);
    const s = startAt(SCENARIOS.find((x) => x.id === id)!.text, { policy: policy.value, files: FILES });
    if (!s.ok) { console.log(s.error); continue; }
    console.log(s.value.programs.map((x) => x.name + ' ' + x.commands.length).join());
    const search = createSearch(s.value);
    const t = Date.now();
    while (search.state === 'searching' && search.states < Number(process.env['MAX'] ?? 100000)) advance(search, 5000);
    const dt = (Date.now() - t) / 1000;
    console.log(id, p, search.state, search.states, search.transitions, 'depth', search.levels.length, dt, 's', Math.round(search.states / dt), 'st/s', Math.round(search.transitions / dt), 'tr/s', 'cols', search.packing.keys.length, 'rows', search.packing.rows.length, 'ends', search.ends.length, JSON.stringify(search.flaws.slice(0, 3)));
  }
}, 1e9);
