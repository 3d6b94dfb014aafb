import type { Source } from '../engine/contract.ts';
import { Choice } from '../kit/choice.tsx';
import { NO_BUG, sourceOf } from '../store/comparing.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';

/** A choice that stands for the script of the run shown. */
const SAME = '';

type Runs = Extract<Comparing, { kind: 'runs' }>;

/** What stands at the right: which script, under which kernel design, with the left one's bug or without. */
export function Sources({ comparing: { source, beside } }: { readonly comparing: Runs }) {
  const { compareRuns } = useActions();
  const run = usePage((page) => page.run);
  const bug = usePage((page) => page.moment?.view.bug ?? null);
  const own: Source = run === null ? {} : sourceOf(run);
  const isSame = source.scenario === own.scenario && source.script === own.script;
  const policy = source.policy === undefined ? {} : { policy: source.policy };
  return (
    <>
      <Scripts
        value={isSame ? SAME : (source.scenario ?? SAME)}
        onChange={(id) => void compareRuns({ ...(id === SAME ? own : { scenario: id }), ...policy })}
      />
      <Policies value={beside.policy} onChange={(name) => void compareRuns({ ...source, policy: name })} />
      <Choice
        className="mono"
        label={words.compare.backEnd}
        value={beside.backend}
        options={Object.entries(words.top.backEnds).map(([value, label]) => ({ value, label }))}
        onChange={(backend) => void compareRuns({ ...source, backend })}
      />
      {isSame && bug !== null && (
        <Choice
          label={words.compare.bug}
          value={beside.bug === null ? 'none' : 'kept'}
          options={[
            { value: 'kept', label: words.compare.bugs.kept },
            { value: 'none', label: words.compare.bugs.none },
          ]}
          onChange={(value) => void compareRuns({ ...own, ...policy, ...(value === 'none' ? { bug: NO_BUG } : {}) })}
        />
      )}
      <span className="grow" />
    </>
  );
}

interface ChoiceProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Scripts({ value, onChange }: ChoiceProps) {
  const scenarios = usePage((page) => page.scenarios);
  const others = scenarios.map(({ id, title, subject }) => ({ value: id, label: title, group: subject }));
  return (
    <Choice
      className="beside-script"
      label={words.compare.script}
      value={value}
      options={[{ value: SAME, label: words.compare.same }, ...others]}
      onChange={onChange}
    />
  );
}

function Policies({ value, onChange }: ChoiceProps) {
  const policies = usePage((page) => page.policies);
  const names = policies.map(({ name }) => name);
  const all = names.includes(value) ? names : [value, ...names];
  return (
    <Choice
      className="mono"
      label={words.compare.policy}
      value={value}
      options={all.map((name) => ({ value: name, label: name }))}
      onChange={onChange}
    />
  );
}
