import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { type Diagnostic as Flaw, forceLinting, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { Annotation, EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, hoverTooltip, keymap, lineNumbers, type Tooltip } from '@codemirror/view';
import { lineAt } from '../draw/script-lines.ts';
import type { Diagnostic, Offer, WordView } from '../engine/contract.ts';
import { words } from '../words.ts';
import { colours } from './colours.ts';
import { type Results, resultsOf, setResults } from './results.ts';

/** What the editor asks of the page. Lines and columns are counted from 1, cursors are offsets from 0. */
export interface EditorHost {
  changed(text: string): void;
  play(): void;
  seek(event: number): void;
  check(text: string): Promise<readonly Diagnostic[]>;
  complete(text: string, cursor: number): Promise<readonly Offer[]>;
  explain(line: string, column: number): Promise<WordView | null>;
  /** Marks the thing of a name in the picture, null for none. */
  point(key: string | null): void;
  select(key: string): void;
}

export interface ScriptEditor {
  /** Replaces the text, as one step that can be undone. */
  setText(text: string): void;
  show(results: Results): void;
  goTo(line: number, column: number): void;
  focus(): void;
  destroy(): void;
}

/** A change that comes from the page and not from the person. */
const given = Annotation.define<boolean>();

const LINT_PAUSE = 250;

export function createScriptEditor(parent: HTMLElement, text: string, host: EditorHost): ScriptEditor {
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions: extensionsOf(host) }) });
  let shown = 0;
  const put = (next: string) => {
    if (next === view.state.doc.toString()) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, annotations: given.of(true) });
  };
  return {
    setText: (next) => {
      put(next);
      forceLinting(view);
    },
    show: (results) => {
      view.dispatch({ effects: setResults.of(results) });
      const line = lineAt(results.lines, results.at)?.line ?? 0;
      if (line === shown || view.hasFocus || line < 1 || line > view.state.doc.lines) return;
      shown = line;
      view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(line).from, { y: 'center' }) });
    },
    goTo: (line, column) => {
      const anchor = offsetOf(view.state.doc, line, column);
      view.dispatch({ selection: { anchor }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function extensionsOf(host: EditorHost) {
  return [
    lineNumbers(),
    resultsOf(host.seek),
    lintGutter(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(false),
    EditorView.contentAttributes.of({ 'aria-label': words.script.field, spellcheck: 'false', autocapitalize: 'off' }),
    colours(),
    linter((view) => flawsIn(view.state.doc, host), { delay: LINT_PAUSE }),
    autocompletion({ override: [(context) => offersAt(context, host)], icons: false }),
    hoverTooltip((view, at) => tooltipAt(view, at, host)),
    keymap.of([
      { key: 'Mod-Enter', run: () => done(host.play) },
      { key: 'Alt-Enter', run: (view) => done(() => void selectAt(view, host)) },
      ...completionKeymap,
      ...lintKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    EditorView.updateListener.of(({ docChanged, state, transactions }) => {
      const own = transactions.some((each) => each.docChanged && each.annotation(given) !== true);
      if (docChanged && own) host.changed(state.doc.toString());
    }),
    EditorView.domEventHandlers({ mouseleave: () => host.point(null), blur: () => host.point(null) }),
  ];
}

const done = (act: () => void): boolean => {
  act();
  return true;
};

function offsetOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.max(1, Math.min(line, doc.lines)));
  return Math.min(from + Math.max(0, column - 1), to);
}

async function flawsIn(doc: Text, host: EditorHost): Promise<Flaw[]> {
  const found = await host.check(doc.toString());
  return found
    .filter(({ line }) => line <= doc.lines)
    .map(({ line, column, endColumn, message }) => {
      const from = offsetOf(doc, line, column);
      return { from, to: Math.max(from, offsetOf(doc, line, endColumn)), severity: 'error', message };
    });
}

async function offersAt(
  { state, pos, explicit }: CompletionContext,
  host: EditorHost,
): Promise<CompletionResult | null> {
  const line = state.doc.lineAt(pos);
  // On an empty line all commands would be offered to somebody who only wants a new line.
  if (!explicit && line.text.slice(0, pos - line.from).trim() === '') return null;
  const offers = await host.complete(line.text, pos - line.from);
  const [first] = offers;
  if (first === undefined) return null;
  return {
    from: line.from + first.from,
    to: line.from + first.to,
    options: offers.map(({ text, detail, kind }) => ({ label: text, detail, type: kind })),
    filter: false,
  };
}

async function wordAt({ state }: EditorView, at: number, host: EditorHost): Promise<WordView | null> {
  const line = state.doc.lineAt(at);
  return host.explain(line.text, at - line.from + 1);
}

async function selectAt(view: EditorView, host: EditorHost): Promise<void> {
  const word = await wordAt(view, view.state.selection.main.head, host);
  if (word !== null && word.key !== null) host.select(word.key);
}

/** What a word is and stands for; the thing that it names is marked in the picture meanwhile. */
async function tooltipAt(view: EditorView, at: number, host: EditorHost): Promise<Tooltip | null> {
  const word = await wordAt(view, at, host);
  host.point(word?.key ?? null);
  if (word === null) return null;
  const { from } = view.state.doc.lineAt(at);
  return {
    pos: from + word.column - 1,
    end: from + word.endColumn - 1,
    above: true,
    create: () => ({ dom: explained(word, host), destroy: () => host.point(null) }),
  };
}

function explained({ word, text, now, key }: WordView, host: EditorHost): HTMLElement {
  const box = document.createElement('div');
  box.className = 'word-told';
  const part = (tag: 'b' | 'p' | 'pre', content: string, className = '') => {
    const element = document.createElement(tag);
    element.textContent = content;
    element.className = className;
    box.append(element);
  };
  part('b', word, 'mono');
  part(text.includes('\n') ? 'pre' : 'p', text, text.includes('\n') ? 'mono' : 'muted');
  if (now !== null) part('p', now);
  if (key !== null) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button small';
    button.textContent = words.script.inspect;
    button.addEventListener('click', () => host.select(key));
    box.append(button);
  }
  return box;
}
