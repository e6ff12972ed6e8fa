import type { RetentionRun, RemovedSegment, StayingSegment, StayReason } from '@fairtrial/exposure/segments'
import { layColumns } from './columns.ts'
import { sayCount } from './numbers.ts'
import { wrap } from './wrap.ts'

/** What a run of a retention did, or would do. */
export interface RetentionReport extends RetentionRun {
  readonly schema: 'fairtrial.retention/1'
  readonly directory: string
  /** Where it was looked what runs; null where nothing is known of that. */
  readonly states: string | null
  readonly isDryRun: boolean
  /** Epoch milliseconds. */
  readonly asOf: number
  readonly olderThanMs: number
  /** Experiments in the log of which no phase runs, as far as is known: their evidence goes by its age alone. */
  readonly notRunning: readonly string[]
  /** Experiments of which nobody knows whether a phase runs. As long as there are any, nothing goes. */
  readonly unknown: readonly string[]
}

const STAYS: { readonly [Reason in StayReason]: string } = {
  'last-of-its-writer': 'the last of its writer, which may go on in it',
  undated: 'no event in it tells how old it is',
  young: 'it has events that are younger',
  running: 'of an experiment that runs, or since one began',
}

/** What went, and what stays and why, for people. */
export function retentionText(report: RetentionReport): string {
  const { directory, isDryRun, before, removed, stay, states, notRunning, unknown } = report
  const due = report.asOf - report.olderThanMs
  const isOverdue = ({ lastAt }: StayingSegment) => lastAt !== null && lastAt < due
  const overdue = stay.filter(isOverdue).length
  const left =
    overdue === 0 ? '' : `, ${sayCount(overdue)} past ${overdue === 1 ? 'its time stays' : 'their time stay'}`
  return [
    `${directory}: ${gone(removed, isDryRun, overdue)}${left} (before ${new Date(before).toISOString()})`,
    ...(removed.length === 0 ? [] : [layColumns(removed.map(goneRow))]),
    ...removed.map(({ name, sha256 }) => `  ${name} sha256 ${sha256}`),
    ...stay.map((each) =>
      wrap(
        `${each.name} stays: ${why(each)}${isOverdue(each) ? '; it is past its time' : ''}.`,
        '  ',
        '    ',
      ),
    ),
    ...(notRunning.length === 0
      ? []
      : [wrap(`Of ${notRunning.join(', ')} no phase runs: their age alone decides.`, '  ', '    ')]),
    ...(unknown.length === 0
      ? []
      : [
          wrap(
            `Of ${unknown.join(', ')} nothing is known, for ${known(states)}: nothing goes unless --nothing-runs says that none runs.`,
            '  ',
            '    ',
          ),
        ]),
  ].join('\n')
}

function gone(removed: RetentionReport['removed'], isDryRun: boolean, overdue: number): string {
  if (removed.length === 0) return overdue === 0 ? 'nothing is older' : 'nothing goes'
  const would = isDryRun ? 'would go' : removed.length === 1 ? 'has gone' : 'have gone'
  const events = removed.reduce((sum, each) => sum + each.events, 0)
  return `${many(removed.length, 'segment')} ${would}, ${many(events, 'event')}`
}

function goneRow({ name, events, bytes, firstAt, lastAt }: RemovedSegment): readonly string[] {
  return [name, many(events, 'event'), `${sayCount(bytes)} bytes`, `${day(firstAt)} to ${day(lastAt)}`]
}

function day(at: number | null): string {
  return at === null ? '–' : new Date(at).toISOString().slice(0, 10)
}

function why({ reason, because }: StayingSegment): string {
  return because === undefined ? STAYS[reason] : `${STAYS[reason]} (${because})`
}

function known(states: string | null): string {
  return states === null ? 'no --state tells what runs' : `${states} holds no state of it`
}

function many(count: number, noun: string): string {
  return `${sayCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
