import { words } from '../words.ts';
import { hueOf, shapeOf } from './thing.tsx';

interface PillProps {
  readonly pasid: number;
  readonly mm: number | null;
}

/** The PASID in the hue of the memory that it stands for: the same wherever it goes. */
export function Pill({ pasid, mm }: PillProps) {
  return (
    <span className="pill" data-hue={hueOf(mm)} title={words.process.pasid(pasid)}>
      <span className={`dot ${mm === null ? 'ring' : shapeOf(mm)}`} aria-hidden="true" />
      <span className="sr-only">PASID </span>
      {pasid}
    </span>
  );
}
