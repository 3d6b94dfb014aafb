interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}

/** One of a few: the browser's own list, so that it works with every keyboard, screen reader and phone. */
export function Choice<Value extends string>({ label, value, options, onChange, className = '' }: ChoiceProps<Value>) {
  return (
    <select
      className={`choice ${className}`}
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => {
        const picked = options.find((option) => option.value === event.target.value);
        if (picked !== undefined) onChange(picked.value);
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
