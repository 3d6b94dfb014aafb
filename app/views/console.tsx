import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Offer } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { RailTabs } from './rail-tabs.tsx';

const OFFERS_SHOWN = 8;

/** Lines that were typed, what came of them, and the next one. */
export function Console() {
  const lines = usePage((page) => page.lines);
  const log = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line is scrolled to
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [lines]);
  return (
    <section className="console" aria-label={words.console.label} data-box="console">
      <div className="rail-title">
        <RailTabs />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="log mono" ref={log} role="log" aria-label={words.console.label} tabIndex={0}>
        {lines.length === 0 && <p className="muted sans small">{words.console.hint}</p>}
        {lines.map(({ id, kind, text }) => (
          <div key={id} className={`log-line ${kind}`}>
            {kind === 'typed' ? `> ${text}` : text}
          </div>
        ))}
      </div>
      <CommandLine />
    </section>
  );
}

/** The textbox: completion with Tab, earlier lines with up and down. */
function CommandLine() {
  const [text, setText] = useState('');
  const { command } = useActions();
  const earlier = useEarlier(setText);
  const completion = useCompletion(text, setText);

  const submit = () => {
    const line = text.trim();
    completion.close();
    setText('');
    if (line === '') return;
    earlier.keep(line);
    void command(line);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (completion.takes(event.key, event.shiftKey)) event.preventDefault();
    else if (event.key === 'Enter') submit();
    else if (earlier.takes(event.key)) event.preventDefault();
  };
  const { offers, chosen } = completion;
  return (
    <div className="command">
      {offers.length > 0 && <Offers offers={offers} chosen={chosen} onPick={completion.accept} />}
      <span className="prompt mono" aria-hidden="true">
        {'>'}
      </span>
      <input
        ref={completion.input}
        className="mono"
        type="text"
        aria-label={words.console.command}
        placeholder={words.console.placeholder}
        aria-controls={offers.length > 0 ? 'offers' : undefined}
        aria-activedescendant={offers.length > 0 ? `offer-${chosen}` : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          completion.close();
          setText(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onBlur={completion.close}
      />
      <div className="chips">
        {words.console.chips.map((word) => (
          <button key={word} type="button" className="chip mono" onClick={() => completion.start(`${word} `)}>
            {word}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Earlier lines, newest first, by the arrow keys. */
function useEarlier(setText: (text: string) => void) {
  const kept = useRef<string[]>([]);
  const place = useRef(-1);
  return {
    keep: (line: string) => {
      kept.current = [line, ...kept.current.filter((one) => one !== line)];
      place.current = -1;
    },
    takes: (key: string): boolean => {
      if (key !== 'ArrowUp' && key !== 'ArrowDown') return false;
      const next = place.current + (key === 'ArrowUp' ? 1 : -1);
      place.current = Math.max(-1, Math.min(next, kept.current.length - 1));
      setText(kept.current[place.current] ?? '');
      return true;
    },
  };
}

function useCompletion(text: string, setText: (text: string) => void) {
  const { complete } = useActions();
  const input = useRef<HTMLInputElement>(null);
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const [chosen, setChosen] = useState(0);
  const close = () => setOffers([]);

  const put = (line: string, offer: Offer) => {
    const rest = line.slice(offer.to);
    setText(`${line.slice(0, offer.from)}${offer.text}${rest === '' ? ' ' : rest}`);
    close();
    input.current?.focus();
  };
  /** Asks what may stand at the end of a line; a single answer is put in at once. */
  const ask = async (line: string, cursor: number, only: boolean) => {
    const found = await complete(line, cursor);
    const [single] = found;
    if (only && found.length === 1 && single !== undefined) return put(line, single);
    setChosen(0);
    setOffers(found.slice(0, OFFERS_SHOWN));
  };
  const accept = (offer: Offer | undefined) => {
    if (offer !== undefined) put(text, offer);
  };
  const takes = (key: string, shift: boolean): boolean => {
    if (offers.length === 0) {
      if (key !== 'Tab' || shift || text.trim() === '') return false;
      void ask(text, input.current?.selectionStart ?? text.length, true);
      return true;
    }
    if (key === 'Escape') close();
    else if (key === 'Tab' || key === 'Enter') accept(offers[chosen]);
    else if (key === 'ArrowDown') setChosen((chosen + 1) % offers.length);
    else if (key === 'ArrowUp') setChosen((chosen + offers.length - 1) % offers.length);
    else return false;
    return true;
  };
  const start = (line: string) => {
    setText(line);
    input.current?.focus();
    void ask(line, line.length, false);
  };
  return { input, offers, chosen, close, accept, takes, start };
}

interface OffersProps {
  readonly offers: readonly Offer[];
  readonly chosen: number;
  readonly onPick: (offer: Offer) => void;
}

function Offers({ offers, chosen, onPick }: OffersProps) {
  return (
    <div className="offers" id="offers" role="listbox" aria-label={words.console.offers}>
      {offers.map((offer, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the textbox keeps the focus and has the keys
        <div
          key={offer.text}
          id={`offer-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={index === chosen ? 'offer chosen' : 'offer'}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(offer)}
        >
          <b className="mono">{offer.text}</b> <span className="muted small">{offer.detail}</span>
        </div>
      ))}
    </div>
  );
}
