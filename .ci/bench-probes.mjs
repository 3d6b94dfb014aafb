// What runs inside the measured page, and what asks the browser about its memory.

/** Notes how long the first answer of the first worker takes, from its construction on. */
export function watchWorker() {
  const Native = globalThis.Worker;
  globalThis.Worker = class extends Native {
    constructor(...args) {
      const begin = performance.now();
      super(...args);
      this.addEventListener('message', () => {
        globalThis.workerReady ??= performance.now() - begin;
      });
    }
  };
}

/** The largest contentful paint so far, in ms since the page was asked for. */
export function paintOf() {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    });
  });
}

/** Counts interactions from now on; `inp()` is the 98th percentile of their durations. One that is too short to be told counts as 16 ms. */
export function interactions() {
  const longest = new Map();
  const observer = new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId > 0) longest.set(interactionId, Math.max(duration, longest.get(interactionId) ?? 0));
    }
  });
  observer.observe({ type: 'event', durationThreshold: 16 });
  const before = performance.interactionCount;
  globalThis.inp = async () => {
    await new Promise((done) => setTimeout(done, 500));
    const quick = Math.max(0, performance.interactionCount - before - longest.size);
    const all = [...longest.values(), ...new Array(quick).fill(16)].sort((a, b) => a - b);
    return all[Math.floor(all.length * 0.98)] ?? 0;
  };
}

/**
 * Steps forward, back and to random places as fast as the page follows, each from the key or pointer down to the frame
 * in which it is painted: what has to be drawn is drawn when the next animation frame has ended.
 */
export async function stepsOf({ steps, seeks }) {
  const { dataset } = document.documentElement;
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const shown = (before) =>
    new Promise((resolve) => {
      const isThere = () => dataset.event !== before;
      if (isThere()) return resolve();
      const observer = new MutationObserver(() => {
        if (!isThere()) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document.documentElement, { attributeFilter: ['data-event'] });
    });
  const rest = () => new Promise((done) => setTimeout(done, 40));
  const measure = async (act) => {
    const before = dataset.event;
    const begin = performance.now();
    act();
    await shown(before);
    // The styles and the layout of the frame are made now: what is left to it is to put them on the screen.
    document.documentElement.getBoundingClientRect();
    const value = performance.now() - begin;
    await painted();
    while (dataset.engine !== 'idle') await rest();
    await rest();
    return value;
  };
  const press = (key) => () =>
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const bar = document.querySelector('.timeline [role=slider]');
  const { left, width, top } = bar.getBoundingClientRect();
  bar.setPointerCapture = () => undefined;
  let state = 1;
  const point = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const at = { clientX: left + (width * (state % 997)) / 997, clientY: top + 8, bubbles: true, pointerId: 1 };
    bar.dispatchEvent(new PointerEvent('pointerdown', at));
  };
  const found = { forward: [], back: [], seek: [] };
  for (let step = 0; step < 20; step++) await measure(press('.'));
  for (let step = 0; step < steps; step++) found.forward.push(await measure(press('.')));
  for (let step = 0; step < steps; step++) found.back.push(await measure(press(',')));
  for (let seek = 0; seek < seeks; seek++) found.seek.push(await measure(point));
  return found;
}

/** Answers how much the page and its worker hold after a collection, in MB: objects, and the arrays behind them. */
export async function heapOf(session) {
  const workers = [];
  const waiting = new Map();
  let last = 0;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.push(sessionId);
  });
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const ask = (sessionId, method) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: last, method }) });
    });
  const held = ({ usedSize, backingStorageSize = 0 }) => usedSize + backingStorageSize;
  return async () => {
    let bytes = 0;
    for (const worker of workers) {
      await ask(worker, 'HeapProfiler.collectGarbage');
      bytes += held(await ask(worker, 'Runtime.getHeapUsage'));
    }
    await session.send('HeapProfiler.collectGarbage');
    return (bytes + held(await session.send('Runtime.getHeapUsage'))) / 1e6;
  };
}
