import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenClaims } from '../machine/invariants/index.ts';
import { type Machine, seek } from '../machine/machine.ts';
import { enabled, type Move, perform } from '../sim/actor.ts';
import { below, seeded } from '../sim/random.ts';
import { branch, type World } from '../world/world.ts';
import { machineOf } from './play.ts';
import { disguised } from './testing/disguise.ts';
import { type Plan, playPlan } from './testing/sequence.ts';

const RUNS = Math.ceil(Number(process.env['SVM_RUNS'] ?? 400) / 10);
const SEED = Number(process.env['SVM_SEED'] ?? 20171006);
/** Moments of each sequence that are looked at, and how far each is followed. */
const MOMENTS = 6;
const FOLLOWED = 200;

const number = fc.noShrink(fc.nat());
const plans: fc.Arbitrary<Plan> = fc.record({
  backend: fc.constant('smmuv3' as const),
  scheduler: fc.constant('clock' as const),
  stage: number,
  lines: fc.array(number, { minLength: 4, maxLength: 12, size: 'max' }),
});

test('names, clock and listeners change nobody who can move, no successor and no verdict', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const machine = machineOf(playPlan(plan).play);
      const draw = seeded(plan.stage);
      const last = machine.world.journal?.at ?? 0;
      for (let moment = 0; moment < MOMENTS; moment++) {
        seek(machine, below(draw, last + 1));
        const [plain, other] = [branch(machine.world), disguised(machine.world)];
        expect(whatFollows(other)).toEqual(whatFollows(plain));
        follow(machine, other);
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
}, 600_000);

/** All that the fingerprint must tell of a world: itself, who can move, what follows from each move, and what is broken. */
function whatFollows(world: World): unknown {
  const moves = enabled(world);
  const successors = moves.map((move) => successor(world, move));
  return { here: world.fingerprint(), moves, successors, broken: brokenClaims(world).map(({ id }) => id) };
}

function successor(world: World, { actor, choice }: Move): unknown {
  const next = branch(world);
  next.listener = world.listener;
  perform(next, actor, choice);
  return { there: next.fingerprint(), broken: brokenClaims(next).map(({ id }) => id) };
}

/** Lets the other world make the moves that the machine made from here on, up to the next command. */
function follow(machine: Machine, other: World): void {
  const { world, trace } = machine;
  const rest = trace.slice(world.journal?.at ?? 0).slice(0, FOLLOWED);
  for (const { step, actor } of rest) {
    if (step === 'script.command') return;
    world.forward();
    perform(other, actor);
    expect(other.fingerprint()).toEqual(world.fingerprint());
  }
}
