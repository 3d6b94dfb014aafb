import { type Extension, RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { tokens } from '../../core/script/index.ts';

type Kind = ReturnType<typeof tokens>[number]['kind'];

const MARKS = new Map<Kind, Decoration>();

function markOf(kind: Kind): Decoration {
  const known = MARKS.get(kind);
  if (known !== undefined) return known;
  const mark = Decoration.mark({ class: `token ${kind}` });
  MARKS.set(kind, mark);
  return mark;
}

/** Colours the words that are in sight, by the grammar that also reads them. */
export function colours(): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = decorationsOf(view);
      }

      update(update: ViewUpdate) {
        if (update.docChanged || update.viewportChanged) this.decorations = decorationsOf(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

function decorationsOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      for (const { kind, column, endColumn } of tokens(line.text)) {
        builder.add(line.from + column - 1, line.from + endColumn - 1, markOf(kind));
      }
      at = line.to + 1;
    }
  }
  return builder.finish();
}
