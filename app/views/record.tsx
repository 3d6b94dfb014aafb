import { useState } from 'react';
import { bitNumbers, plainHex, type Row, rowsOf, wordText } from '../draw/bits.ts';
import type { BitsView, RecordView } from '../engine/contract.ts';
import { words } from '../words.ts';
import { WatchButton, WhyButton } from './why.tsx';

interface RecordProps {
  /** Key of the thing whose record it is. */
  readonly thing: string;
  readonly record: RecordView;
  readonly base: 'hex' | 'binary';
}

/** A hardware record, most significant bit left, 64 bits to a row; a click on a field tells what it means. */
export function RecordRows({ thing, record, base }: RecordProps) {
  const [chosen, setChosen] = useState({ thing, field: null as string | null });
  // Another thing has its own fields, though its record may be drawn where this one was.
  const picked = chosen.thing === thing ? chosen.field : null;
  const setPicked = (field: string | null) => setChosen({ thing, field });
  const field = record.bits.find(({ name }) => name === picked);
  return (
    <div className="record">
      <div className="record-head">
        <b>{record.name}</b> <span className="muted small">{record.cite}</span>
      </div>
      {rowsOf(record).map((row) => (
        <div key={row.word} className="record-word">
          <div className="word-line mono">
            <span className="muted">{words.inspector.word(row.word)}</span>
            <span className="wrap">{wordText(row.hex, base)}</span>
          </div>
          {row.boxes.some((box) => box.field !== null) && <BitRow row={row} picked={picked} onPick={setPicked} />}
          {field !== undefined && row.boxes.some((box) => box.field === field) && (
            <Meaning thing={thing} field={field} />
          )}
        </div>
      ))}
    </div>
  );
}

interface BitRowProps {
  readonly row: Row;
  readonly picked: string | null;
  readonly onPick: (name: string | null) => void;
}

function BitRow({ row, picked, onPick }: BitRowProps) {
  return (
    <div className="bits">
      {row.boxes.map((box) =>
        box.field === null ? (
          <span
            key={box.hi}
            className="bit gap"
            style={{ flexGrow: box.hi - box.lo + 1 }}
            title={words.inspector.reserved(bitNumbers(box))}
          />
        ) : (
          <button
            key={box.hi}
            type="button"
            className={`bit ${box.field.name === picked ? 'picked' : ''}`}
            aria-pressed={box.field.name === picked}
            style={{ flexGrow: box.hi - box.lo + 1 }}
            onClick={() => onPick(box.field?.name === picked ? null : (box.field?.name ?? null))}
          >
            <span className="bit-numbers mono">{bitNumbers(box)}</span>
            <span className="bit-name">{box.field.name}</span>
            <b className="mono">{plainHex(box.field.hex)}</b>
          </button>
        ),
      )}
    </div>
  );
}

function Meaning({ thing, field }: { readonly thing: string; readonly field: BitsView }) {
  return (
    <p className="meaning">
      <b>
        {field.name} = {field.value || `0x${plainHex(field.hex)}`}
      </b>{' '}
      <span className="muted">{words.inspector.bits(bitNumbers(field))}</span> {field.meaning}{' '}
      <WhyButton thing={thing} field={field.name} />
      <WatchButton thing={thing} field={field.name} />
    </p>
  );
}
