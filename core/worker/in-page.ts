import { connect } from './client.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './protocol.ts';
import { serve } from './serve.ts';

/** An emulator in the thread that asks, for a page that may start no worker; it answers as one in a worker does. */
export function engineInPage(): Engine {
  const { port1, port2 } = new MessageChannel();
  serve(port1, createEngine());
  port1.start();
  port2.start();
  return connect(port2);
}
