import { keep, kept } from './kept.ts';

/** The person's choice of light and dark, kept in this browser. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEPT_AS = 'svm-theme';

/** The theme chosen earlier, or that of the system. */
export function keptTheme(): Theme {
  const chosen = kept(KEPT_AS);
  return THEMES.find((theme) => theme === chosen) ?? 'system';
}

/** Shows a theme and keeps it. */
export function applyTheme(theme: Theme): void {
  keep(KEPT_AS, theme);
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark, by the person's choice or the system's. */
export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? dark.matches : theme === 'dark';
}

/** Hears when that may have changed, until the answer is called. */
export function onDark(hear: () => void): () => void {
  const watch = new MutationObserver(hear);
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  dark.addEventListener('change', hear);
  return () => {
    watch.disconnect();
    dark.removeEventListener('change', hear);
  };
}

const PATTERNS_KEPT_AS = 'svm-patterns';

/** Whether hues go with patterns, as chosen earlier. */
export function keptPatterns(): boolean {
  return kept(PATTERNS_KEPT_AS) === 'on';
}

export function applyPatterns(on: boolean): void {
  keep(PATTERNS_KEPT_AS, on ? 'on' : 'off');
  document.documentElement.dataset['patterns'] = on ? 'on' : 'off';
}
