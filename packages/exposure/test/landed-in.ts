import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogEvent } from '@fairtrial/protocol'

/** A line that stands for what could not land. */
interface Marker {
  readonly poison?: { readonly reason: string; readonly deadLetter: boolean }
  readonly lost?: { readonly from: number; readonly until: number }
  readonly kafka: { readonly topic: string; readonly partition: number; readonly offset: number }
}

/** All complete lines of a directory that topics have landed in. */
export function landedIn(directory: string) {
  const events: (LogEvent & Pick<Marker, 'kafka'>)[] = []
  const markers: Marker[] = []
  for (const name of readdirSync(directory).toSorted()) {
    if (!name.endsWith('.ndjson')) continue
    const lines = readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1)
    for (const line of lines) {
      const value = JSON.parse(line)
      if ('schema' in value) events.push(value)
      else markers.push(value)
    }
  }
  return { events, markers }
}
