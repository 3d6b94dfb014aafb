import type { HtmlTagDescriptor, Plugin } from 'vite';

/** The module that the first one asks for, by the end of its path. */
const PROGRAM = '/app/main.tsx';
/** The type of words; that of addresses comes with them, but is not waited for. */
const FONT = /inter-latin-wght-normal-.*\.woff2$/;

/**
 * Names in the page what its first script will ask for, so that the browser fetches it at once: the program, which the
 * script begins after the worker, and the font of the words.
 */
export function preload(): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {}, chunk }) => {
        const program = Object.values(bundle).find(
          (each) => each.type === 'chunk' && each.facadeModuleId?.endsWith(PROGRAM),
        );
        if (program?.type !== 'chunk') throw new Error(`${PROGRAM} has no file of its own`);
        const scripts = [program.fileName, ...program.imports].filter((file) => file !== chunk?.fileName);
        const fonts = Object.keys(bundle).filter((file) => FONT.test(file));
        return [
          ...scripts.map((file) => link('modulepreload', file, {})),
          ...fonts.map((file) => link('preload', file, { as: 'font', type: 'font/woff2' })),
        ];
      },
    },
  };
}

function link(rel: string, file: string, more: Record<string, string>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { rel, crossorigin: true, href: `./${file}`, ...more }, injectTo: 'head' };
}
