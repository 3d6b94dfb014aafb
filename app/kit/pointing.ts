import { useActions, usePage } from '../store/context.tsx';
import { POINTS_NOWHERE, type Pointed } from '../store/state.ts';

const meet = (one: readonly string[], other: readonly string[]) => one.some((lane) => other.includes(lane));

/** Ties a card of the scene, or a row of the chart, to the lanes that it is about: each side shows what is pointed at on the other. */
export function usePointing(side: Pointed['by'], lanes: readonly string[]) {
  const pointed = usePage(({ pointed: { by, lanes: there } }) => by !== side && meet(lanes, there));
  const { point } = useActions();
  const enter = () => point({ by: side, lanes });
  const leave = () => point(POINTS_NOWHERE);
  return {
    pointed: pointed ? 'pointed' : '',
    pointing: { onPointerEnter: enter, onPointerLeave: leave, onFocus: enter, onBlur: leave },
  };
}
