import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Choice } from '../kit/choice.tsx';
import { useNarrow } from '../kit/size.ts';
import { sourceOf } from '../store/comparing.ts';
import { useActions, usePage } from '../store/context.tsx';
import { applyTheme, keptTheme, THEMES } from '../theme.ts';
import { words } from '../words.ts';
import { BackEnds } from './back-ends.tsx';
import { CompareButton } from './compare-button.tsx';
import { ShareButton } from './share.tsx';

const OWN = '';
/** Stands in the list of scenarios and is none. */
const MUSEUM = '#museum';

interface TopBarProps {
  readonly onHelp: () => void;
  readonly onSearch: () => void;
  readonly onTakeAway: () => void;
  readonly onExplore: () => void;
  readonly onMuseum: () => void;
}

/** What is running, and what can be done with the page as a whole. */
export function TopBar({ onHelp, onSearch, onTakeAway, onExplore, onMuseum }: TopBarProps) {
  return (
    <header className="top-bar">
      <h1 aria-label={words.title}>
        <Brand />
        <span className="brand-name">{words.title}</span>
      </h1>
      <Scenarios onMuseum={onMuseum} />
      {!useNarrow() && <BackEnds />}
      <Policies />
      <Summary />
      <span className="grow" />
      <WideButtons onSearch={onSearch} onTakeAway={onTakeAway} onExplore={onExplore} />
      <ThemeButton />
      <Button kind="quiet" label={words.top.help} onClick={onHelp}>
        ?
      </Button>
      <ShareButton onTakeAway={onTakeAway} />
    </header>
  );
}

function Scenarios({ onMuseum }: Pick<TopBarProps, 'onMuseum'>) {
  const scenarios = usePage((page) => page.scenarios);
  const run = usePage((page) => page.run);
  const { open } = useActions();
  const current = run?.scenario ?? OWN;
  const known = scenarios.find(({ id }) => id === current);
  // Before anything is known of a run its place is empty.
  const own = known === undefined ? [{ value: OWN, label: run === null ? '' : words.top.ownRun }] : [];
  return (
    <div className="scenario">
      <Choice
        label={words.top.scenario}
        told={known?.summary}
        value={known?.id ?? OWN}
        options={[
          ...own,
          ...scenarios.map(({ id, title, subject }) => ({ value: id, label: title, group: subject })),
          { value: MUSEUM, label: words.museum.all, group: words.museum.group },
        ]}
        onChange={(id) => {
          if (id === MUSEUM) onMuseum();
          else if (id !== OWN) void open({ scenario: id });
        }}
      />
    </div>
  );
}

/** What the scenario is about, in a sentence. */
function Summary() {
  const known = usePage(({ scenarios, run }) => scenarios.find(({ id }) => id === run?.scenario));
  return <span className="scenario-summary muted">{known !== undefined && firstSentence(known.summary)}</span>;
}

function firstSentence(text: string): string {
  return /^.*?[.;](?= |$)/.exec(text)?.[0].replace(/;$/, '.') ?? text;
}

/** The kernel design that runs; another one plays the same script anew. */
function Policies() {
  const policies = usePage((page) => page.policies);
  const running = usePage((page) => page.moment?.view.policy);
  const run = usePage((page) => page.run);
  const { open } = useActions();
  if (run === null || running === undefined) return null;
  const known = policies.map(({ name }) => ({ value: name, label: name }));
  const changed = known.some(({ value }) => value === running) ? [] : [{ value: running, label: running }];
  return (
    <Choice
      className="policy mono"
      label={words.top.policy}
      value={running}
      options={[...changed, ...known]}
      onChange={(policy) => void open({ ...sourceOf(run), policy })}
    />
  );
}

/** What a narrow page has no room for: there the script has a tab of its own, and few have a keyboard. */
function WideButtons({ onSearch, onTakeAway, onExplore }: Omit<TopBarProps, 'onHelp' | 'onMuseum'>) {
  const { showPanel } = useActions();
  const isOpen = usePage((page) => page.panel === 'script');
  if (useNarrow()) return null;
  return (
    <>
      <Button kind="quiet" icon="search" label={words.palette.open} onClick={onSearch} />
      <CompareButton />
      <Button kind="quiet" pressed={isOpen} onClick={() => showPanel(isOpen ? 'lanes' : 'script')}>
        {words.script.open}
      </Button>
      <Button kind="quiet" onClick={onExplore}>
        {words.explore.button}
      </Button>
      <Button kind="quiet" onClick={onTakeAway}>
        {words.takeaway.open}
      </Button>
    </>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(keptTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <Button
      kind="quiet"
      icon={theme}
      label={words.top.theme[theme]}
      onClick={() => {
        applyTheme(next);
        setTheme(next);
      }}
    />
  );
}

/** Two arrows into one tree. */
function Brand() {
  return (
    <svg className="brand" viewBox="0 0 32 24" aria-hidden="true">
      <path d="M2 3h4l6 5.5M8.6 8.8 12 8.5 11.6 5" />
      <path className="dashed" d="M30 3h-4l-6 5.5" />
      <path d="M23.4 8.8 20 8.5l.4-3.5M16 12v4M16 14H8v2M16 14h8v2" />
      <path className="node" d="M12.5 7h7v5h-7zM5 17h6v5H5zM13 17h6v5h-6zM21 17h6v5h-6z" />
    </svg>
  );
}
