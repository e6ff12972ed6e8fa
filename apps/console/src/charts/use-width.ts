import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** How wide an element is, in CSS pixels, so that a chart is drawn at its size and its text stays text. */
export function useWidth<E extends Element>(otherwise: number): readonly [RefObject<E | null>, number] {
  const element = useRef<E>(null)
  const [width, setWidth] = useState(otherwise)
  useLayoutEffect(() => {
    if (element.current === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width))
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  return [element, width]
}
