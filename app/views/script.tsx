import { useEffect, useRef, useState } from 'react';
import { nameOf } from '../draw/names.ts';
import type { createScriptEditor, EditorHost, ScriptEditor } from '../editor/script-editor.ts';
import { Button } from '../kit/button.tsx';
import { useNarrow } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { BackEnds } from './back-ends.tsx';

/** The script of the run, to read beside the events and to change. */
export function Script() {
  const box = useRef<HTMLDivElement>(null);
  const { editor, failed } = useEditor(box);
  return (
    <section className="script" aria-label={words.script.label} data-box="script">
      <Head editor={editor} />
      {useNarrow() && (
        <div className="script-machine">
          <span aria-hidden="true">{words.top.backEnd}</span>
          <BackEnds />
        </div>
      )}
      <div className="script-box" ref={box}>
        {editor === null && (
          <p className={failed ? 'fault-text' : 'muted'}>{failed ? words.script.failed : words.script.loading}</p>
        )}
      </div>
    </section>
  );
}

function Head({ editor }: { readonly editor: ScriptEditor | null }) {
  const { discardDraft, playDraft, showPanel } = useActions();
  const changed = usePage((page) => page.draft !== null);
  const mistakes = usePage((page) => page.mistakes);
  const [first] = mistakes;
  const { played, draft } = words.script;
  return (
    <div className="script-head">
      <span className="script-told" role="status">
        {first === undefined ? (
          <span className="muted" title={words.script.keys}>
            {changed ? draft : played}
          </span>
        ) : (
          <button type="button" className="fault-text" onClick={() => editor?.goTo(first.line, first.column)}>
            {words.script.mistakes(mistakes.length)} {words.script.mistake(first)}
          </button>
        )}
      </span>
      <Button kind="quiet" disabled={!changed} onClick={discardDraft}>
        {words.script.discard}
      </Button>
      <Button kind="strong" disabled={!changed} onClick={() => void playDraft()}>
        {words.script.play}
      </Button>
      <Button kind="quiet" icon="close" label={words.script.close} onClick={() => showPanel('lanes')} />
    </div>
  );
}

/** Loads the editor when it is first needed, and keeps it telling what the page knows. */
function useEditor(box: { readonly current: HTMLDivElement | null }) {
  const [editor, setEditor] = useState<ScriptEditor | null>(null);
  const [failed, setFailed] = useState(false);
  const text = usePage((page) => page.draft ?? page.run?.script ?? '');
  const host = useHost();
  const latest = useRef({ text, host });
  latest.current = { text, host };

  useEffect(() => {
    let made: ScriptEditor | null = null;
    let gone = false;
    const begin = (create: typeof createScriptEditor) => {
      if (gone || box.current === null) return;
      made = create(box.current, latest.current.text, latest.current.host);
      setEditor(made);
    };
    import('../editor/script-editor.ts').then(
      (module) => begin(module.createScriptEditor),
      () => setFailed(true),
    );
    return () => {
      gone = true;
      made?.destroy();
    };
  }, [box]);

  useEffect(() => editor?.setText(text), [editor, text]);
  useResults(editor);
  return { editor, failed };
}

function useHost(): EditorHost {
  const { edit, playDraft, seek, check, complete, explain, name, select } = useActions();
  return {
    changed: edit,
    play: () => void playDraft(),
    seek: (event) => void seek(event),
    check,
    complete,
    explain,
    point: name,
    select: (key) => void select(key),
  };
}

/** Tells the editor which line the moment belongs to, and the name of what is picked. */
function useResults(editor: ScriptEditor | null) {
  const run = usePage((page) => page.run);
  const draft = usePage((page) => page.draft);
  const at = usePage((page) => page.moment?.at ?? 0);
  const picked = usePage(({ moment, selected }) => nameOf(moment?.view ?? null, selected));
  const lines = draft === null && run !== null ? run.lines : null;
  useEffect(() => editor?.show({ lines: lines ?? [], at, picked }), [editor, lines, at, picked]);
}
