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
  const { tables, tableNames, pattern, patterns, largest, pages, pasids } = words.stream;
  const numbers = (values: readonly number[], write: (value: number) => string = String) =>
    values.map((value) => ({ value: String(value), label: write(value) }));
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
      <Caches own={own} question={question} change={change} />
      {children}
    </div>
  );
}

const texts = <T extends string>(values: readonly T[], write: (value: T) => string = String) =>
  values.map((value) => ({ value, label: write(value) }));

interface CachesProps extends Pick<QuestionProps, 'own' | 'question'> {
  readonly change: (part: Partial<StreamQuestion>) => void;
}

/** The caches on the way: sizes and replacement. */
function Caches({ own, question, change }: CachesProps) {
  const { iotlb, iotlbReplacement, atc, atcReplacement, noAtc, ownSize } = words.stream;
  const named = (size: string) => (value: string) =>
    value === NO_ATC ? noAtc : value === size ? ownSize(value) : value;
  return (
    <>
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
        options={texts(sizesWith(own.atc, ATCS), named(own.atc))}
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
    </>
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
