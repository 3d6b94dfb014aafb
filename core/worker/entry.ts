import { joinCrew } from './crew.ts';
import { createEngine } from './engine.ts';
import { type Port, serve } from './serve.ts';
import { type Hire, type Seat, turnOfEvents } from './together.ts';

/** The name of a worker that is one of several who share out a search: it runs the same program. */
const OF_CREW = 'crew';

const hire: Hire = (seats, fail) => {
  const crew = seats.map((seat) => {
    const worker = new Worker(self.location.href, { type: 'module', name: OF_CREW });
    worker.addEventListener('error', ({ message }) => fail(new Error(message || 'a worker of the search ended')));
    worker.postMessage(seat, [seat.line.leader, ...seat.line.peers.filter((port) => port !== null)]);
    return worker;
  });
  return () => {
    for (const worker of crew) worker.terminate();
  };
};

if (self.name === OF_CREW) {
  self.onmessage = ({ data }: MessageEvent<Seat>) => joinCrew(data.job, data.line, turnOfEvents());
  // What fails while it waits is to reach whoever started it as any other error does.
  self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
} else serve(self as unknown as Port, createEngine(hire));
