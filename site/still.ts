import { build, type Plugin, runnerImport } from 'vite';

/** Where the page's program draws. */
const PLACE = '<div id="root">';
const EARLY = /early-.*\.js$/;

/**
 * Gives the page something to paint before its program is there: what the program draws first, and a script of its own
 * that decides before the first painting how that looks. The policy allows no script in the page itself.
 */
export function still(): Plugin {
  return {
    name: 'still',
    apply: 'build',
    async buildStart() {
      this.emitFile({ type: 'asset', name: 'early.js', source: await earlyScript() });
    },
    transformIndexHtml: {
      order: 'post',
      handler: async (html, { bundle = {} }) => {
        const { stills } = (await runnerImport<{ readonly stills: string }>('/app/still.tsx')).module;
        const early = Object.keys(bundle).find((file) => EARLY.test(file));
        if (early === undefined || !html.includes(PLACE)) throw new Error('the page has a place and an early script');
        return {
          html: html.replace(PLACE, `${PLACE}\n${stills}`),
          tags: [
            { tag: 'script', attrs: { src: `./${early}` }, injectTo: 'head' },
            // Half of it is not worth painting: a second painting takes the time in which the program could begin.
            { tag: 'link', attrs: { rel: 'expect', href: '#read', blocking: 'render' }, injectTo: 'head' },
          ],
        };
      },
    },
  };
}

/** The script in one piece without imports, which holds up nothing but the first painting. */
async function earlyScript(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: { write: false, target: 'es2022', lib: { entry: 'site/early.ts', formats: ['iife'], name: 'early' } },
  });
  const [output] = [built].flat();
  if (output === undefined || !('output' in output)) throw new Error('the early script is one chunk');
  return output.output[0].code;
}
