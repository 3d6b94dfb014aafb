import { useEffect, useState } from 'react';
import { words } from '../words.ts';

/** The whole page takes a file that is let go over it, and says so while one is held there. */
export function DropPlace({ onDrop }: { readonly onDrop: (file: File) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setHeld(true);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) setHeld(false);
    };
    const drop = (event: DragEvent) => {
      const [file] = event.dataTransfer?.files ?? [];
      setHeld(false);
      if (file === undefined) return;
      event.preventDefault();
      onDrop(file);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  });
  return held && <div className="drop-place">{words.takeaway.bring.drop}</div>;
}
