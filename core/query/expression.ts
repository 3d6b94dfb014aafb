/**
 * The little language of watches and stops. What can be named is what the inspector shows, by the same names:
 *
 *   job/0.state                      a field of a row: TABLE/ID.FIELD, or TABLE/NAME.FIELD as in process/app.pasid
 *   priq/0/3.PageAddr                a field of a record in memory, by the key of the thing
 *   count(job where state = waiting) rows of a table; the fields after `where` are those of the row
 *   length(smmu0/priq)               records that wait in a queue
 *   event time step who sentence message chapter fault    of the event that led to the moment
 *   = != < <= > >= ~   + -   not and or   ( )             `~` is "contains", whatever the case
 *
 * The word at the right of a comparison may stand without quotes.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'event'; readonly name: EventName }
  | { readonly kind: 'field'; readonly key: string; readonly field: string; readonly column: number }
  | { readonly kind: 'cell'; readonly field: string }
  | { readonly kind: 'count'; readonly table: string; readonly where: Expression | null }
  | { readonly kind: 'length'; readonly queue: string }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'both'; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

export const COMPARISONS = ['=', '!=', '<', '<=', '>', '>=', '~'] as const;
export type Operator = (typeof COMPARISONS)[number] | '+' | '-' | 'and' | 'or';

/** What an event says of itself. */
export const EVENT_NAMES = ['event', 'time', 'step', 'who', 'sentence', 'message', 'chapter', 'fault'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** Kinds of things that are kept in memory and not in rows; their keys are those of the inspector. */
export const RECORD_KINDS = [
  ...['cmdq', 'evtq', 'priq', 'cd', 'cached-cd', 'ste', 'pte', 'page', 'table', 'frame', 'iotlb', 'atc', 'reg'],
] as const;

/** What is wrong with an expression, and the column at which it is, from 1. */
export interface Problem {
  readonly message: string;
  readonly column: number;
}

/** What a machine has that can be named. */
export interface Vocabulary {
  /** Its tables with the fields of their rows. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /** Its queues, as in smmu0/priq. */
  readonly queues: readonly string[];
}

/** Whether an expression is about the event that led to the moment, and not about what the machine is like. */
export function isOfEvent(expression: Expression): boolean {
  switch (expression.kind) {
    case 'event':
      return true;
    case 'not':
      return isOfEvent(expression.of);
    case 'both':
      return isOfEvent(expression.left) || isOfEvent(expression.right);
    default:
      return false;
  }
}
