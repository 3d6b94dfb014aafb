import { endOfLevel, merged, type ShardReport, type Standing } from '../explore/merge.ts';
import type { Stop } from '../explore/report.ts';
import type { Limits, Search } from '../explore/search.ts';
import type { Start } from '../explore/start.ts';
import type { CrewPort, Incoming, Line, Order } from './crew.ts';

/** The lines between so many workers and their leader: by worker, and the leader's own ends. */
export function connect<Port>(
  workers: number,
  channel: () => { readonly port1: Port; readonly port2: Port },
): { readonly lines: Line<Port>[]; readonly ports: Port[] } {
  const peers = Array.from({ length: workers }, (): (Port | null)[] => Array(workers).fill(null));
  for (let one = 0; one < workers; one++) {
    for (let other = one + 1; other < workers; other++) {
      const { port1, port2 } = channel();
      (peers[one] as (Port | null)[])[other] = port1;
      (peers[other] as (Port | null)[])[one] = port2;
    }
  }
  const leaders = peers.map(channel);
  const lines = peers.map((own, index) => ({ leader: (leaders[index] as { port2: Port }).port2, peers: own }));
  return { lines, ports: leaders.map(({ port1 }) => port1) };
}

/** What workers have found together, and the limit at which it ended, null where none ended it. */
interface Led {
  readonly search: Search;
  readonly stop: Stop | null;
}

/**
 * Leads workers through a search, level by level, and puts together what they have found. `hear` is told how each stands after
 * each level.
 */
export async function leadCrew(
  ports: readonly CrewPort[],
  start: Start,
  limits: Limits,
  hear: (standings: readonly Standing[]) => void = () => undefined,
): Promise<Led> {
  let order: Order = [];
  for (;;) {
    const standings = await ask<Standing>(ports, order);
    hear(standings);
    const end = endOfLevel(standings);
    if (typeof end === 'string') {
      const reports = await ask<ShardReport>(ports, 'report');
      const stop = standings.find((standing) => standing.stop !== null)?.stop ?? null;
      return { search: merged(start, limits, reports, end), stop: end === 'stopped' ? stop : null };
    }
    order = end;
  }
}

/** Gives an order to all, and waits for the answer of each. */
function ask<Answer>(ports: readonly CrewPort[], order: Order): Promise<Answer[]> {
  const answers = ports.map(
    (port) =>
      new Promise<Answer>((resolve) => {
        port.onmessage = ({ data }: Incoming) => resolve(data as Answer);
      }),
  );
  for (const port of ports) port.postMessage(order, []);
  return Promise.all(answers);
}
