import { fingerprintText } from '../lib/format.ts';
import { finish0, hashText, mix0 } from '../lib/hash.ts';
import golden from '../scenarios/golden/fingerprints.json';

/** Version of the package, and a hash of how the scenarios of the catalogue end: `0.1.0+1a2b3c4d`. */
export const CORE_VERSION = `${golden.version}+${hashOf(golden.fingerprints)}`;

/** Eight hex digits for a list of named fingerprints. */
export function hashOf(fingerprints: Readonly<Record<string, string>>): string {
  let hash = 0;
  for (const [name, fingerprint] of Object.entries(fingerprints)) hash = mix0(hash, hashText(`${name} ${fingerprint}`));
  return fingerprintText([finish0(hash), 0]).slice(0, 8);
}
