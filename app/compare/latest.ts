import { useEffect, useRef, useState } from 'react';

/**
 * The answer to a question; another question is another function. Of those that are asked while an answer is under way the
 * last is asked next, the others never. Null before the first answer.
 */
export function useLatest<Answer>(ask: () => Promise<Answer>): Answer | null {
  const [found, setFound] = useState<Answer | null>(null);
  const under = useRef({ way: false, next: () => undefined as unknown });
  useEffect(() => {
    let wanted = true;
    const answer = async () => {
      under.current.next = () => undefined;
      under.current.way = true;
      const next = await ask();
      under.current.way = false;
      if (wanted) setFound(next);
      under.current.next();
    };
    if (under.current.way) under.current.next = () => wanted && answer();
    else void answer();
    return () => {
      wanted = false;
    };
  }, [ask]);
  return found;
}
