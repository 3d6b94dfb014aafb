type Moving = 'forward' | 'back' | 'play' | 'nextStop' | 'lastStop' | 'nextBookmark' | 'lastBookmark';
/** What a key press asks of the whole page. */
export type KeyAction =
  | Moving
  | 'help'
  | 'why'
  | 'palette'
  | 'takeAway'
  | 'present'
  | 'scheduler'
  | 'compare'
  | 'focus'
  | 'causes'
  | 'undo'
  | 'redo'
  | 'leave'
  | 'explore'
  | 'bookmark'
  | 'museum';

/** Where the focus is: it decides what a key may mean. */
export interface Focus {
  /** A text is being typed. */
  readonly text: boolean;
  /** A button, link, list, menu, slider or tab: it has its own use for space and arrows. */
  readonly control: boolean;
  /** A dialog is open: Escape closes it. */
  readonly dialog: boolean;
  /** The dialog is one in which something is deleted: an undo is meant for that. */
  readonly edits: boolean;
  /** A list, menu or slider, or a thing of the scene: arrows move inside it. */
  readonly arrows: boolean;
}

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** What takes an edit back or does it again; in a text these keys are the text's own. */
function editFor({ key, ctrlKey, metaKey, shiftKey }: Press): 'undo' | 'redo' | null {
  if (!ctrlKey && !metaKey) return null;
  if (key.toLowerCase() === 'z') return shiftKey ? 'redo' : 'undo';
  return key === 'y' ? 'redo' : null;
}

/** The action that a key press means with the focus there, or null: then it belongs to the browser or the control. */
export function actionFor(press: Press, focus: Focus): KeyAction | null {
  if ((press.ctrlKey || press.metaKey) && press.key === 'k') return 'palette';
  const edit = focus.text || (focus.dialog && !focus.edits) || press.altKey ? null : editFor(press);
  if (edit !== null) return edit;
  if (press.ctrlKey || press.metaKey || press.altKey || focus.text) return null;
  switch (press.key) {
    case '.':
      return 'forward';
    case ',':
      return 'back';
    case '?':
      return 'help';
    case 'e':
      return 'takeAway';
    case 'f':
      return 'present';
    case 'b':
    case 'B':
      return 'bookmark';
    case 'j':
      return 'nextBookmark';
    case 'J':
      return 'lastBookmark';
    case 'o':
      return 'focus';
    case 'O':
      return 'causes';
    case 'c':
      return 'compare';
    case 'Escape':
      return focus.dialog ? null : 'leave';
    case 'm':
    case 'M':
      return 'museum';
    case 'n':
      return 'nextStop';
    case 'p':
      return 'lastStop';
    case 'x':
    case 'X':
      return 'explore';
    case 's':
    case 'S':
      return 'scheduler';
    case 'w':
    case 'W':
      return 'why';
    case 'ArrowRight':
      return focus.arrows ? null : 'forward';
    case 'ArrowLeft':
      return focus.arrows ? null : 'back';
    case ' ':
      return focus.control ? null : 'play';
    default:
      return null;
  }
}

const TEXT = 'textarea, [contenteditable=true], input:not([type=button], [type=checkbox], [type=radio], [type=range])';
const ARROWS = 'select, [data-key], [role=listbox], [role=menu], [role=slider], [role=tablist], input[type=range]';
const CONTROL = 'button, a[href], summary, dialog, input, [role=button], [role=tab], [role=option]';

/** Reads off the focused element where the focus is. */
export function focusOf(element: Element | null): Focus {
  // What had the focus may have been deleted: a dialog that is open has it all the same.
  const lost = element === null || element.localName === 'body';
  const place = lost ? (element?.querySelector('dialog:modal') ?? element) : element;
  const inside = (selector: string) => place?.closest(selector) != null;
  const arrows = inside(ARROWS);
  const edits = inside('dialog.bookmarks, dialog.branches');
  return { text: inside(TEXT), dialog: inside('dialog'), edits, arrows, control: arrows || inside(CONTROL) };
}

/** The place among `count` that an arrow key leads to from `place`; null for other keys. */
export function neighbour(key: string, place: number, count: number): number | null {
  const last = count - 1;
  if (key === 'ArrowDown' || key === 'ArrowRight') return Math.min(last, place + 1);
  if (key === 'ArrowUp' || key === 'ArrowLeft') return Math.max(0, place - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}
