import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { type Look, takePicture, type View } from '../picture/apart.tsx';
import { pngFile, svgFile } from '../picture/file.ts';
import { usePlayground } from '../store/context.tsx';
import { words } from '../words.ts';
import { download } from './files.ts';

const THEMES = ['light', 'dark'] as const;

/** A picture, and what its files say of it. */
interface Taken {
  readonly picture: SVGSVGElement;
  readonly title: string;
  readonly source: string;
  /** The name of its files up to the last dot. */
  readonly file: string;
  /** What was asked for: it may have changed since. */
  readonly asked: readonly unknown[];
}

/** A picture of one of the views, to be taken away as an SVG or as a PNG. */
export function PictureOut({ view }: { readonly view: View }) {
  const [look, setLook] = useState<Look>({ theme: 'light', patterns: false });
  const [bare, setBare] = useState(false);
  const taken = usePicture(view, look, bare);
  const group = useId();
  const { name, use } = words.takeaway.views[view];
  return (
    <>
      <p className="takeaway-use">{use}</p>
      <div className="takeaway-choices">
        <fieldset className="takeaway-range" aria-label={words.takeaway.picture.theme}>
          {THEMES.map((theme) => (
            <label key={theme} className="check">
              <input
                type="radio"
                name={group}
                checked={theme === look.theme}
                onChange={() => setLook({ ...look, theme })}
              />
              {words.takeaway.picture.themes[theme]}
            </label>
          ))}
        </fieldset>
        <Check
          name={words.takeaway.picture.patterns}
          on={look.patterns}
          onChange={(patterns) => setLook({ ...look, patterns })}
        />
        <Check name={words.takeaway.picture.bare} on={bare} onChange={setBare} />
      </div>
      <Preview name={name} taken={taken} />
      <Ways taken={taken} />
    </>
  );
}

interface CheckProps {
  readonly name: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

function Check({ name, on, onChange }: CheckProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={on} onChange={({ target }) => onChange(target.checked)} />
      {name}
    </label>
  );
}

/** The picture, null until it is taken. */
function usePicture(view: View, look: Look, bare: boolean): Taken | null {
  const playground = usePlayground();
  const [taken, setTaken] = useState<Taken | null>(null);
  useEffect(() => {
    let wanted = true;
    const take = async () => {
      const { store, actions } = playground;
      const page = store.getState();
      const { run, moment } = page;
      if (run === null || moment === null) return;
      const { file, command, fingerprint } = await actions.takeAway('script', moment.at);
      const messages = view === 'lanes' ? await actions.messages(0, run.events) : [];
      const source = words.takeaway.picture.source(command, run.version, fingerprint);
      const shot = { page, view, messages, bare, source: bare ? '' : source };
      const picture = await takePicture(shot, look, playground);
      const title = `${run.title}: ${moment.now.sentence}`;
      if (wanted) setTaken({ picture, title, source, file: file.replace(/svm$/, view), asked: [view, look, bare] });
    };
    void take();
    return () => {
      wanted = false;
    };
  }, [view, look, bare, playground]);
  const isIt = taken !== null && [view, look, bare].every((part, index) => part === taken.asked[index]);
  return isIt ? taken : null;
}

function Preview({ name, taken }: { readonly name: string; readonly taken: Taken | null }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.replaceChildren(...(taken === null ? [] : [taken.picture]));
  }, [taken]);
  const { width, height } = sizeOf(taken?.picture);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has a keyboard alone must be able to scroll it */}
      <section className="takeaway-preview" aria-label={words.takeaway.preview(name)} tabIndex={0}>
        {taken === null && <p className="muted">{words.takeaway.making}</p>}
        <div ref={place} className="takeaway-picture" role="img" aria-label={words.takeaway.picture.alt(name)} />
      </section>
      <p className="muted small takeaway-facts">
        <span className="mono">{taken?.file}</span>
        <span>{taken !== null && words.takeaway.picture.facts(width, height)}</span>
      </p>
    </>
  );
}

function sizeOf(picture: SVGSVGElement | undefined): { width: number; height: number } {
  const side = (name: string) => Number(picture?.getAttribute(name) ?? 0);
  return { width: side('width'), height: side('height') };
}

function Ways({ taken }: { readonly taken: Taken | null }) {
  const [told, setTold] = useState('');
  const save = async (kind: 'svg' | 'png') => {
    if (taken === null) return;
    const { picture, title, source, file } = taken;
    try {
      const svg = await svgFile(picture, title, source);
      download(kind === 'svg' ? svg : await pngFile(svg, sizeOf(picture)), `${file}.${kind}`);
      setTold(words.takeaway.downloaded(`${file}.${kind}`));
    } catch {
      // A canvas has its limits, and each browser its own.
      setTold(words.takeaway.picture.failed);
    }
  };
  return (
    <div className="takeaway-ways">
      <p className="muted" aria-live="polite">
        {told}
      </p>
      <Button onClick={() => void save('png')} disabled={taken === null}>
        {words.takeaway.picture.png}
      </Button>
      <Button kind="strong" onClick={() => void save('svg')} disabled={taken === null}>
        {words.takeaway.picture.svg}
      </Button>
    </div>
  );
}
