import { useEffect, useRef, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { useActions } from '../store/context.tsx';
import type { Refusal } from '../store/taking.ts';
import { words } from '../words.ts';
import { LARGEST_FILE, textOf } from './files.ts';

/** Of the mistakes in a file so many are told. */
const TOLD = 3;

/** What came of a file so far. */
interface Brought {
  readonly file: string;
  /** Nothing while it is being read. */
  readonly problems: readonly string[];
  /** Its text, if it can be opened although its run goes otherwise here. */
  readonly anyway: string | null;
}

/** Opens an event log or a script of the person's own. */
export function Bring({ dropped, onOpened }: { readonly dropped: File | null; readonly onOpened: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const { brought, bring, openAnyway } = useBringing(onOpened);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each file that is let go is opened once
  useEffect(() => {
    if (dropped !== null) void bring(dropped);
  }, [dropped]);
  return (
    <>
      <p className="takeaway-use">{words.takeaway.bring.told}</p>
      <div className="takeaway-place">
        <Button onClick={() => picker.current?.click()}>{words.takeaway.bring.choose}</Button>
        <span className="muted">{words.takeaway.bring.hint}</span>
        <input
          ref={picker}
          type="file"
          hidden
          accept=".jsonl,.svm,.txt,application/jsonl,text/plain"
          aria-label={words.takeaway.bring.choose}
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) void bring(file);
            // The same file may be picked again after it was changed.
            target.value = '';
          }}
        />
      </div>
      {brought !== null && <Outcome brought={brought} onAnyway={openAnyway} />}
    </>
  );
}

function useBringing(onOpened: () => void) {
  const { openFile } = useActions();
  const [brought, setBrought] = useState<Brought | null>(null);
  const open = async (file: string, text: string, anyway: boolean) => {
    const refusal = await openFile(text, anyway);
    if (refusal === null) {
      // The address still is a link to the run before: Back leads to it.
      if (self.origin !== 'null') history.pushState(null, '', location.href);
      return onOpened();
    }
    setBrought({ file, problems: problemsOf(refusal), anyway: refusal.differs ? text : null });
  };
  return {
    brought,
    bring: async (file: File) => {
      setBrought({ file: file.name, problems: [], anyway: null });
      const text = await textOf(file);
      if (typeof text === 'string') return open(file.name, text, false);
      const { huge, unreadable } = words.takeaway.bring;
      const problem = text.problem === 'huge' ? huge(words.takeaway.size(LARGEST_FILE)) : unreadable;
      setBrought({ file: file.name, problems: [problem], anyway: null });
    },
    openAnyway: () => {
      if (brought?.anyway != null) void open(brought.file, brought.anyway, true);
    },
  };
}

function problemsOf({ diagnostics }: Refusal): readonly string[] {
  const told = diagnostics.slice(0, TOLD).map(words.takeaway.bring.located);
  const more = diagnostics.length - told.length;
  return more > 0 ? [...told, words.takeaway.bring.more(more)] : told;
}

function Outcome({ brought, onAnyway }: { readonly brought: Brought; readonly onAnyway: () => void }) {
  const { file, problems, anyway } = brought;
  if (problems.length === 0) return <p role="status">{words.takeaway.bring.reading(file)}</p>;
  return (
    <div className="takeaway-problem" role="alert">
      <p>
        <b>{words.takeaway.bring.failed(file)}</b>
      </p>
      {problems.map((problem) => (
        <p key={problem} className="wrap">
          {problem}
        </p>
      ))}
      {anyway !== null && <Button onClick={onAnyway}>{words.takeaway.bring.anyway}</Button>}
    </div>
  );
}
