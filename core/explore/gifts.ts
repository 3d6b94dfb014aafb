import type { Effect } from './effects.ts';
import { keep, newQuestion, type Question, recall, UNKNOWN } from './memo.ts';
import { give, nextOrder, type Part, type Parts, partAfter } from './programs.ts';
import type { Start } from './start.ts';
import { type Turns, tryOut } from './turns.ts';

/** What becomes of the next line of a program in a state: null where it has none or has to wait. */
export interface Gift {
  readonly errno: string | null;
  readonly effect: Effect;
  /** How far the script has come then. */
  readonly part: number;
  readonly line: number;
}

export interface Gifts {
  readonly start: Start;
  readonly parts: Parts;
  readonly turns: Turns;
  /** By part, then by program. */
  readonly questions: Question[][];
  readonly gifts: (Gift | null)[];
}

export function createGifts(start: Start, parts: Parts, turns: Turns): Gifts {
  return { start, parts, turns, questions: [], gifts: [] };
}

/** What the next line of a program leads to; the sentence of the rule if the emulator breaks one of its own. */
export function giftOf(gifts: Gifts, part: number, program: number): Gift | string | null {
  const { turns, parts, start } = gifts;
  const { counts } = parts.list[part] as Part;
  if (start.programs[program]?.commands[counts[program] as number] === undefined) return null;
  const question = questionFor(gifts, part, program);
  const known = turns.asking === 'once' ? recall(turns.memo, question) : UNKNOWN;
  if (known !== UNKNOWN) return gifts.gifts[known] as Gift | null;
  const gift = ask(gifts, part, program);
  if (typeof gift !== 'string' && turns.asking === 'once') keep(turns.memo, question, gifts.gifts.push(gift) - 1);
  return gift;
}

function questionFor({ questions, start }: Gifts, part: number, program: number): Question {
  let ofPart = questions[part];
  if (ofPart === undefined) {
    ofPart = start.programs.map(newQuestion);
    questions[part] = ofPart;
  }
  return ofPart[program] as Question;
}

function ask({ turns, start, parts }: Gifts, part: number, program: number): Gift | string | null {
  const { play, programs } = start;
  const before = parts.list[part] as Part;
  let given: { errno: string | null; line: number } | null = null;
  const effect = tryOut(turns.memo, (world) => {
    const order = nextOrder(world, programs, before.counts, program);
    if (order !== null) given = { errno: give(play, before, order), line: order.command.line };
  });
  if (typeof effect === 'string') return effect;
  if (given === null) return null;
  const { errno, line } = given as { errno: string | null; line: number };
  return { errno, line, effect, part: partAfter(parts, before, program, play.regions) };
}
