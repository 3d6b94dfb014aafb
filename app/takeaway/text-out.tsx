import { useEffect, useId, useState } from 'react';
import type { Taken, TakenAway } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { linkTo } from '../link.ts';
import { useActions, usePage } from '../store/context.tsx';
import { copy } from '../views/share.tsx';
import { words } from '../words.ts';
import { download } from './files.ts';
import { openInPerfetto } from './perfetto.ts';

/** So many characters are shown here; a file has all. */
const PREVIEW = 30_000;
/** Charts may end with a link. */
const WITH_LINK: readonly Taken[] = ['chart', 'race'];
/** Their lines are too long to be read without being broken. */
const JSON_FORMS: readonly Taken[] = ['jsonl', 'perfetto'];

/** One of the texts of the run: what it is for, how it looks, and the ways to have it. */
export function TextOut({ form }: { readonly form: Taken }) {
  const [whole, setWhole] = useState(true);
  const [linked, setLinked] = useState(false);
  const taken = useTaken(form, whole, linked);
  const { name, use } = words.takeaway.forms[form];
  return (
    <>
      <p className="takeaway-use">{use}</p>
      <div className="takeaway-choices">
        {form !== 'script' && <Range whole={whole} setWhole={setWhole} />}
        {WITH_LINK.includes(form) && (
          <label className="check">
            <input type="checkbox" checked={linked} onChange={({ target }) => setLinked(target.checked)} />
            {words.takeaway.link}
          </label>
        )}
      </div>
      <Preview name={name} taken={taken} wrapped={JSON_FORMS.includes(form)} />
      <Ways key={taken?.file} form={form} taken={taken} />
    </>
  );
}

/** The text, as the engine makes it, null until it is there. */
function useTaken(form: Taken, whole: boolean, linked: boolean): TakenAway | null {
  const { takeAway } = useActions();
  const run = usePage((page) => page.run);
  const at = usePage((page) => page.moment?.at ?? 0);
  const [taken, setTaken] = useState<(TakenAway & { readonly asked: string }) | null>(null);
  const asked = [form, whole, linked].join();
  useEffect(() => {
    let wanted = true;
    const make = async () => {
      if (run === null) return;
      const event = whole ? run.events : at;
      const made = await takeAway(form, event);
      const place = { run, at: event, fingerprint: made.fingerprint };
      const link = linked && WITH_LINK.includes(form) ? `\n${await linkTo(place, new URL(location.href))}\n` : '';
      if (wanted) setTaken({ ...made, text: `${made.text}${link}`, asked });
    };
    void make();
    return () => {
      wanted = false;
    };
  }, [form, whole, linked, asked, run, at, takeAway]);
  return taken?.asked === asked ? taken : null;
}

interface RangeProps {
  readonly whole: boolean;
  readonly setWhole: (whole: boolean) => void;
}

function Range({ whole, setWhole }: RangeProps) {
  const events = usePage((page) => page.run?.events ?? 0);
  const at = usePage((page) => page.moment?.at ?? 0);
  const group = useId();
  return (
    <fieldset className="takeaway-range" aria-label={words.takeaway.range}>
      <label className="check">
        <input type="radio" name={group} checked={whole} onChange={() => setWhole(true)} />
        {words.takeaway.whole(events)}
      </label>
      <label className="check">
        <input type="radio" name={group} checked={!whole} onChange={() => setWhole(false)} />
        {words.takeaway.upTo(at)}
      </label>
    </fieldset>
  );
}

interface PreviewProps {
  readonly name: string;
  readonly taken: TakenAway | null;
  readonly wrapped: boolean;
}

function Preview({ name, taken, wrapped }: PreviewProps) {
  const text = taken?.text ?? words.takeaway.making;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has a keyboard alone must be able to scroll it */}
      <section className="takeaway-preview" aria-label={words.takeaway.preview(name)} tabIndex={0}>
        <pre className={wrapped ? 'mono wrapped' : 'mono'}>{text.slice(0, PREVIEW)}</pre>
      </section>
      <p className="muted small takeaway-facts">
        <span className="mono">{taken?.file}</span>
        <span>{taken === null ? '' : words.takeaway.size(new Blob([taken.text]).size)}</span>
        <span>{text.length > PREVIEW && words.takeaway.cut}</span>
      </p>
    </>
  );
}

function Ways({ form, taken }: { readonly form: Taken; readonly taken: TakenAway | null }) {
  const [told, setTold] = useState('');
  const title = usePage((page) => page.run?.title ?? '');
  const save = () => {
    if (taken === null) return;
    download(new Blob([taken.text], { type: 'text/plain' }), taken.file);
    setTold(words.takeaway.downloaded(taken.file));
  };
  const toClipboard = async () => {
    if (taken === null) return;
    setTold((await copy(taken.text)) ? words.takeaway.copied : words.takeaway.notCopied);
  };
  const toPerfetto = async () => {
    if (taken === null) return;
    setTold(words.takeaway.perfetto.waiting);
    setTold(words.takeaway.perfetto[await openInPerfetto(taken.text, title, taken.file)]);
  };
  return (
    <div className="takeaway-ways">
      <p className="muted" aria-live="polite">
        {told === '' && form === 'perfetto' ? words.takeaway.perfetto.told : told}
      </p>
      <Button onClick={toClipboard} disabled={taken === null}>
        {words.takeaway.copy}
      </Button>
      {form === 'perfetto' && (
        <Button onClick={toPerfetto} disabled={taken === null}>
          {words.takeaway.perfetto.open}
        </Button>
      )}
      <Button kind="strong" onClick={save} disabled={taken === null}>
        {words.takeaway.download}
      </Button>
    </div>
  );
}
