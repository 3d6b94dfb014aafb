interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** The heading that it stands under; options of one group follow each other. */
  readonly group?: string;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  /** What is said of the value to whoever points at it, instead of the name of the list. */
  readonly told?: string | undefined;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}

/** One of a few: the browser's own list, so that it works with every keyboard, screen reader and phone. */
export function Choice<Value extends string>({
  label,
  told = label,
  value,
  options,
  onChange,
  className = '',
}: ChoiceProps<Value>) {
  return (
    <select
      className={`choice ${className}`}
      aria-label={label}
      title={told}
      value={value}
      onChange={(event) => {
        const picked = options.find((option) => option.value === event.target.value);
        if (picked !== undefined) onChange(picked.value);
      }}
    >
      {groupsOf(options).map(([group, members]) =>
        group === '' ? (
          members.map(drawn)
        ) : (
          <optgroup key={group} label={group}>
            {members.map(drawn)}
          </optgroup>
        ),
      )}
    </select>
  );
}

function drawn({ value, label }: Option<string>) {
  return (
    <option key={value} value={value}>
      {label}
    </option>
  );
}

function groupsOf<Value extends string>(options: readonly Option<Value>[]): [string, Option<Value>[]][] {
  const groups = new Map<string, Option<Value>[]>();
  for (const option of options) {
    const { group = '' } = option;
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  return [...groups];
}
