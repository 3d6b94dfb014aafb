/** What has to be known before the page is painted the first time; it runs while the page is read. */
import { asksForMuseum, isEmbedded, isPresenting } from '../app/embed/address.ts';
import { applyPatterns, applyTheme, keptPatterns, keptTheme } from '../app/theme.ts';

const address = new URL(location.href);
applyTheme(keptTheme());
applyPatterns(keptPatterns());
// These look otherwise than the picture of the page that stands in it.
if (isEmbedded(address) || isPresenting(address) || asksForMuseum(address))
  document.documentElement.dataset['look'] = 'own';
