import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** How far below the window something still counts as near */
const MARGIN = '400px';

/** Whether an element has come near the window, as `loading="lazy"` has it. */
export function useNearWindow(ref: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null || isNear) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isNear]);
  return isNear;
}
