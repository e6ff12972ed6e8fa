import fc from 'fast-check'
import { describe, it } from 'vitest'
import { expectSame } from '../test/expect-same.ts'
import { anyMember, eventsOf, HOUR, richTrial } from '../test/rich-trial.ts'
import { createFold, foldEvents, summaryOf } from './fold.ts'
import { mergeSummaries } from './merge-summaries.ts'
import { summarize } from './summarize.ts'

const experiment = richTrial()
const members = fc.array(anyMember, { maxLength: 24 })
const hours = fc.integer({ min: 0, max: 200 })
const at = (hour: number) => ({ asOf: hour * HOUR, phase: 1 })
const eventsOfAll = (all: readonly (typeof anyMember extends fc.Arbitrary<infer M> ? M : never)[]) =>
  all.flatMap((member, i) => eventsOf(experiment, `u${i}`, member))

describe('for every type of metric and every option', () => {
  it('order does not matter', () => {
    const shuffled = members.chain((all) => {
      const log = eventsOfAll(all)
      return fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length }))
    })
    fc.assert(
      fc.property(shuffled, hours, ([log, other], hour) => {
        expectSame(summarize(experiment, other, at(hour)), summarize(experiment, log, at(hour)))
      }),
    )
  })

  it('portions with looks between them end where one reading of all ends', () => {
    fc.assert(
      fc.property(members, fc.array(hours, { minLength: 1, maxLength: 6 }), (all, looks) => {
        const log = eventsOfAll(all)
        const fold = createFold(experiment, { phase: 1 })
        const size = Math.ceil(log.length / looks.length)
        looks.forEach((hour, i) => {
          foldEvents(fold, log.slice(i * size, (i + 1) * size))
          const whole = summarize(experiment, log.slice(0, (i + 1) * size), at(hour))
          expectSame(summaryOf(fold, hour * HOUR), whole)
        })
      }),
    )
  })

  it('shards merge to the whole, in any order and grouping, and no units change nothing', () => {
    fc.assert(
      fc.property(members, members, members, hours, (a, b, c, hour) => {
        const shards = [a, b, c].map((all, s) =>
          all.flatMap((member, i) => eventsOf(experiment, `u${s}/${i}`, member)),
        )
        const [x, y, z] = shards.map((events) => summarize(experiment, events, at(hour)))
        const whole = summarize(experiment, shards.flat(), at(hour))
        expectSame(mergeSummaries(mergeSummaries(x!, y!), z!), whole)
        expectSame(mergeSummaries(z!, mergeSummaries(y!, x!)), whole)
        const nothing = summarize(experiment, [], at(hour))
        expectSame(mergeSummaries(whole, nothing), whole)
        expectSame(mergeSummaries(nothing, whole), whole)
      }),
    )
  })

  it('many pages say what one would', () => {
    const all = fc.sample(anyMember, { numRuns: 1_200, seed: 5 })
    const whole = summarize(experiment, eventsOfAll(all), at(80))
    const pages = all.map((member, i) => summarize(experiment, eventsOf(experiment, `u${i}`, member), at(80)))
    expectSame(pages.reduce(mergeSummaries), whole)
  })
})
