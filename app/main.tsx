import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startEngine } from './engine/start.ts';
import { linkTo, readLink } from './link.ts';
import { createActions } from './store/actions.ts';
import { PlaygroundProvider } from './store/context.tsx';
import { createPageStore, type PageStore } from './store/state.ts';
import { applyTheme, keptTheme } from './theme.ts';
import './theme.css';

/** The address of the page follows the moment, but not more often than this, in ms. */
const ADDRESS_PAUSE = 300;

async function main(root: HTMLElement): Promise<void> {
  applyTheme(keptTheme());
  const here = new URL(location.href);
  if (here.searchParams.get('motion') === 'off') document.documentElement.dataset['motion'] = 'off';
  const store = createPageStore();
  const engine = await startEngine((reason) => actions.die(reason));
  const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
  const actions = createActions(engine, store, { wait });
  store.subscribe(({ busy }) => {
    if (busy) document.documentElement.dataset['engine'] = 'busy';
  });
  createRoot(root).render(
    <StrictMode>
      <PlaygroundProvider value={{ store, actions }}>
        <App />
      </PlaygroundProvider>
    </StrictMode>,
  );
  const { source, problems } = await readLink(here);
  await actions.start(source, problems);
  followMoment(store);
}

/** Keeps the address of the page a link to the moment shown. */
function followMoment(store: PageStore): void {
  let timer = 0;
  const write = async () => {
    timer = 0;
    const { run, moment } = store.getState();
    if (run === null || moment === null) return;
    const url = await linkTo({ run, at: moment.at, fingerprint: moment.view.fingerprint }, new URL(location.href));
    if (store.getState().moment === moment) history.replaceState(null, '', url);
  };
  store.subscribe(({ moment, run }, old) => {
    if ((moment !== old.moment || run !== old.run) && timer === 0) timer = window.setTimeout(write, ADDRESS_PAUSE);
  });
}

const root = document.getElementById('root');
if (root !== null) void main(root);
