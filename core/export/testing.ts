import type { TraceEntry, TraceMessage } from '../machine/trace.ts';

/** A step as a trace tells it, for tests: what they do not say is plain. */
export function traceEntry(given: Partial<TraceEntry>): TraceEntry {
  return {
    ...{ event: 1, time: 0, cause: 0, actor: 0, who: 'gpu0', lane: 'gpu0', step: 'engine.work', text: 'works' },
    ...{ cite: '', chapter: null, transaction: false, depth: 1, depthAfter: 1, blocked: false, mm: null, fault: false },
    ...{ messages: [], moments: [], facts: {} },
    ...given,
  };
}

/** Something that went from one column to another, for tests. */
export function traceMessage(traffic: TraceMessage['traffic'], from: string, to: string, text: string): TraceMessage {
  return { traffic, from, to, text, mm: null, fault: false };
}
