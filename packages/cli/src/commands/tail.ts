import { setTimeout as sleep } from 'node:timers/promises'
import type { LogEvent } from '@fairtrial/protocol'
import { type Console, writeLines } from '../console.ts'
import { type LogPlace, openLog } from '../log-place.ts'
import { eventLine, publicPart } from '../text/event-line.ts'

export type TailOptions = LogPlace & {
  readonly follow?: boolean
  readonly json?: boolean
  readonly experiment?: string
  readonly unit?: string
  readonly limit?: number
}

const EVERY_MS = 500

/** `fairtrial tail`: the events of a log, a line each, as they come. */
export async function tail(console: Console, options: TailOptions): Promise<void> {
  const { follow = false, json = false, limit = Number.POSITIVE_INFINITY } = options
  const log = await openLog(options)
  try {
    for (let left = limit; left > 0; ) {
      const { events, unreadableLines, more } = await log.readOn()
      if (unreadableLines > 0)
        console.stderr.write(`fairtrial: ${unreadableLines} lines that are no event are passed by.\n`)
      const chosen = events.filter((event) => isAskedFor(event, options)).slice(0, left)
      left -= chosen.length
      if (chosen.length > 0)
        await writeLines(
          console.stdout,
          chosen.map((event) => (json ? JSON.stringify(publicPart(event)) : eventLine(event))),
        )
      if (more) continue
      if (!follow) return
      await sleep(EVERY_MS)
    }
  } finally {
    await log.close()
  }
}

function isAskedFor(event: LogEvent, { experiment, unit }: TailOptions): boolean {
  if (unit !== undefined && !('unitId' in event && event.unitId === unit)) return false
  return experiment === undefined || experimentsOf(event).includes(experiment)
}

function experimentsOf(event: LogEvent): readonly string[] {
  if ('experiment' in event) return [event.experiment]
  return 'arms' in event ? event.arms.map((arm) => arm.experiment) : []
}
