import type { Course } from './course.ts'
import type { Batch } from './draw-ramp.ts'

/** What of a ramp has arrived, minute by minute: at once, or after an outage. */
export function deliveryOf({ outage }: Course): (minute: number, batch: Batch) => readonly Batch[] {
  let held: readonly Batch[] = []
  return (minute, batch) => {
    held = [...held, batch]
    if (outage !== undefined && minute >= outage.from && minute < outage.to) return []
    const arrived = held
    held = []
    return arrived
  }
}
