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
  sizesWith,
  TABLES,
} from './question-plan.ts';

interface QuestionProps {
  /** As the machine of the run has it. */
  readonly own: StreamQuestion;
  readonly question: StreamQuestion;
  readonly onChange: (question: StreamQuestion) => void;
  readonly children: ReactNode;
}

/** What streams through what. */
export function Question({ own, question, onChange, children }: QuestionProps) {
  const change = (part: Partial<StreamQuestion>) => onChange({ ...question, ...part });
  const { tables, tableNames, pattern, patterns, largest, pages, pasids, iotlb, atc, noAtc, ownSize } = words.stream;
  const { iotlbReplacement, atcReplacement } = words.stream;
  const named = (size: string) => (value: string) => (value === size ? ownSize(value) : value);
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
        options={texts(sizesWith(own.iotlb, IOTLBS), named(own.iotlb))}
        onChange={(value) => change({ iotlb: value })}
      />
      <Asked
        label={iotlbReplacement}
        value={question.iotlbReplacement}
        options={texts(REPLACEMENTS)}
        onChange={(value) => change({ iotlbReplacement: value })}
      />
      <Asked
        label={atc}
        value={question.atc}
        options={texts(sizesWith(own.atc, ATCS), (value) => (value === NO_ATC ? noAtc : named(own.atc)(value)))}
        onChange={(value) => change({ atc: value })}
      />
      {question.atc !== NO_ATC && (
        <Asked
          label={atcReplacement}
          value={question.atcReplacement}
          options={texts(REPLACEMENTS)}
          onChange={(value) => change({ atcReplacement: value })}
        />
      )}
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
