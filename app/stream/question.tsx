import type { ComponentProps, ReactNode } from 'react';
import { Choice } from '../kit/choice.tsx';
import { words } from '../words.ts';
import {
  ATCS,
  IOTLBS,
  LARGEST,
  NO_ATC,
  PASIDS,
  PATTERNS,
  REPLACEMENTS,
  type StreamQuestion,
  TABLES,
} from './question-plan.ts';

interface QuestionProps {
  readonly question: StreamQuestion;
  readonly onChange: (question: StreamQuestion) => void;
  readonly children: ReactNode;
}

/** What streams through what. */
export function Question({ question, onChange, children }: QuestionProps) {
  const change = (part: Partial<StreamQuestion>) => onChange({ ...question, ...part });
  const { tables, tableNames, pattern, patterns, largest, pages, pasids, iotlb, atc, noAtc, replacement } =
    words.stream;
  const numbers = (values: readonly number[], write: (value: number) => string = String) =>
    values.map((value) => ({ value: String(value), label: write(value) }));
  const texts = <T extends string>(values: readonly T[], write: (value: T) => string = String) =>
    values.map((value) => ({ value, label: write(value) }));
  return (
    <div className="explore-question">
      <Asked
        label={tables}
        value={question.paging}
        options={texts(TABLES, (value) => tableNames[value])}
        onChange={(paging) => change({ paging })}
      />
      <Asked
        label={pattern}
        value={question.pattern}
        options={texts(PATTERNS, (value) => patterns[value])}
        onChange={(value) => change({ pattern: value })}
      />
      <Asked
        label={largest}
        value={String(question.pages)}
        options={numbers(LARGEST, pages)}
        onChange={(value) => change({ pages: Number(value) })}
      />
      <Asked
        label={pasids}
        value={String(question.pasids)}
        options={numbers(PASIDS)}
        onChange={(value) => change({ pasids: Number(value) })}
      />
      <Asked
        label={iotlb}
        value={question.iotlb}
        options={texts(IOTLBS)}
        onChange={(value) => change({ iotlb: value })}
      />
      <Asked
        label={atc}
        value={question.atc}
        options={texts(ATCS, (value) => (value === NO_ATC ? noAtc : value))}
        onChange={(value) => change({ atc: value })}
      />
      <Asked
        label={replacement}
        value={question.replacement}
        options={texts(REPLACEMENTS)}
        onChange={(value) => change({ replacement: value })}
      />
      {children}
    </div>
  );
}

/** The name above a list; the list says it itself to those who do not see it. */
function Asked<Value extends string>(choice: ComponentProps<typeof Choice<Value>>) {
  return (
    <div className="stream-asked">
      <span aria-hidden="true">{choice.label}</span>
      <Choice {...choice} />
    </div>
  );
}
