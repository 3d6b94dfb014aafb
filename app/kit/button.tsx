import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface ButtonProps {
  readonly onClick: () => void;
  readonly children?: ReactNode;
  /** Name for those who do not see it, and tooltip. */
  readonly label?: string;
  readonly icon?: IconName;
  readonly kind?: 'plain' | 'strong' | 'quiet';
  readonly disabled?: boolean;
  /** Whether what it switches is on; not given for a button that switches nothing. */
  readonly pressed?: boolean;
  readonly className?: string;
}

export function Button({
  onClick,
  children,
  label,
  icon,
  kind = 'plain',
  disabled,
  pressed,
  className = '',
}: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${kind} ${icon && !children ? 'square' : ''} ${className}`}
      aria-label={label}
      title={label}
      aria-disabled={disabled}
      aria-pressed={pressed}
      onClick={disabled ? undefined : onClick}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
