import { awaited, localsInWords } from '../machine/trace.ts';
import { actors, isEnabled, nextStep } from '../sim/actor.ts';
import type { StackFrame, StepDef } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import type { ActorView } from './view.ts';

/** What an actor does next; an actor that waits for work at the start of its loop is idle. */
export function actorView(world: World, id: number): ActorView {
  const actor = actors.get(world, id);
  const step = nextStep(actor);
  const key = `actor/${id}`;
  const idle = { key, name: actor.name, doing: null, waiting: false };
  if (step === null || actor.frame === null) return idle;
  const waiting = !isEnabled(world, actor);
  if (!waiting) return { key, name: actor.name, doing: nextPhrase(world, step, actor.frame), waiting };
  if (actor.frame.caller === null && step.label === firstLabel(step)) return idle;
  return { key, name: actor.name, doing: `waits for ${awaited(world, actor.frame)}`, waiting };
}

/** Loops of hardware units and kernel threads wait for work at these labels. */
function firstLabel(step: StepDef): string {
  return step.label === 'idle' ? 'idle' : 'wait';
}

/** A step that is still to be done: what it will find out is left away. */
export function nextPhrase(world: World, step: StepDef, frame: StackFrame): string {
  const text = fill(step.text, localsInWords(world, frame));
  const unknown = text.search(/[:,]?\s*\{/);
  return unknown < 0 ? text : text.slice(0, unknown);
}

function fill(text: string, words: Readonly<Record<string, number | string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));
}
