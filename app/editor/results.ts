import { type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from '@codemirror/view';
import { lineAt } from '../draw/script-lines.ts';
import type { LineView } from '../engine/contract.ts';
import { words } from '../words.ts';

/** What the run says of the lines: what became of each, which one the moment belongs to, and the name that is picked. */
export interface Results {
  /** Empty while the text is not the script that was played. */
  readonly lines: readonly LineView[];
  readonly at: number;
  readonly picked: string | null;
}

const NONE: Results = { lines: [], at: 0, picked: null };

export const setResults = StateEffect.define<Results>();

const results = StateField.define<Results>({
  create: () => NONE,
  update: (value, { effects, docChanged }) => {
    const told = effects.find((effect) => effect.is(setResults))?.value as Results | undefined;
    if (told !== undefined) return told;
    return docChanged && value.lines.length > 0 ? { ...value, lines: [] } : value;
  },
});

class EventMarker extends GutterMarker {
  private readonly text: string;
  private readonly title: string;
  private readonly state: LineView['state'];

  constructor(line: LineView) {
    super();
    this.text = words.script.lineSign(line);
    this.title = words.script.lineTold(line.first, line.last, line.state);
    this.state = line.state;
  }

  override eq(other: EventMarker): boolean {
    return other.title === this.title;
  }

  override toDOM(): HTMLElement {
    const mark = document.createElement('span');
    mark.className = `line-event ${this.state}`;
    mark.textContent = this.text;
    mark.title = this.title;
    return mark;
  }
}

const CURRENT = Decoration.line({ class: 'line-now', attributes: { 'aria-current': 'step' } });
const REFUSED = Decoration.line({ class: 'line-refused' });
const PICKED = Decoration.mark({ class: 'token-picked' });

/** The column of events beside the lines, and the line of the moment; a click leads to the event. */
export function resultsOf(seek: (event: number) => void): Extension {
  return [
    results,
    gutter({
      class: 'line-events',
      markers: ({ state }) => {
        const { lines } = state.field(results);
        const known = lines.filter(({ line }) => line >= 1 && line <= state.doc.lines);
        const byLine = new Map(known.map((each) => [each.line, each]));
        return RangeSet.of(
          [...byLine.values()].map((each) => new EventMarker(each).range(state.doc.line(each.line).from)),
          true,
        );
      },
      initialSpacer: () => new EventMarker({ line: 1, first: 0, last: 999, state: 'done', output: [] }),
      domEventHandlers: {
        mousedown: (view, block) => {
          const { number } = view.state.doc.lineAt(block.from);
          const line = view.state.field(results).lines.find((each) => each.line === number);
          if (line === undefined) return false;
          seek(Math.min(line.first + 1, Math.max(line.last, line.first)));
          return true;
        },
      },
    }),
    EditorView.decorations.compute([results, 'doc'], (state) => decorationsOf(state.doc, state.field(results))),
  ];
}

function decorationsOf(doc: EditorView['state']['doc'], { lines, at, picked }: Results): DecorationSet {
  const inside = (line: number) => line >= 1 && line <= doc.lines;
  const current = lineAt(lines, at);
  const marks = lines
    .filter(({ state, line }) => inside(line) && (state === 'refused' || state === 'failed'))
    .map(({ line }) => REFUSED.range(doc.line(line).from));
  if (current !== undefined && inside(current.line)) marks.push(CURRENT.range(doc.line(current.line).from));
  if (picked !== null) {
    const name = new RegExp(`(?<![\\w.-])${escaped(picked)}(?![\\w.-])`, 'g');
    for (const match of doc.toString().matchAll(name)) {
      marks.push(PICKED.range(match.index, match.index + picked.length));
    }
  }
  return Decoration.set(marks, true);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
