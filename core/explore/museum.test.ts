import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { type Exhibit, kernelsOf } from '../scenarios/exhibit.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { factsOf, promisedOf } from './testing/exhibit-facts.ts';
import { foundIn, searchExhibit } from './testing/exhibit-search.ts';

/** Those with fewest states; core/cli/museum.proof.test.ts takes all. */
const SMALL = ['range-wraps', 'span-ignores-address', 'entry-torn', 'overflow-acked-early', 'bug-second-device-leak'];

function exhibitNamed(name: string): Exhibit {
  const exhibit = EXHIBITS.find(({ id }) => id === name);
  return present(exhibit, `there is an exhibit ${name}`);
}

test.each(SMALL)('%s is found by trying every order, and its repaired kernel is searched to the end', (name) => {
  const exhibit = exhibitNamed(name);
  const kernels = kernelsOf(exhibit);

  const facts = factsOf(exhibit, searchExhibit(exhibit, kernels.broken), searchExhibit(exhibit, kernels.repaired));

  expect(facts).toEqual(promisedOf(exhibit));
});

test('a search that ends before a chapter gives no line of it', () => {
  const exhibit = exhibitNamed('bug-second-device-leak');
  const short = searchExhibit({ ...exhibit, until: 'Both devices let go' }, kernelsOf(exhibit).broken);

  expect(short.start.programs.map(({ commands }) => commands.length)).toEqual([1]);
  expect(foundIn(short).flaw.id).toBe(exhibit.invariant);
});
