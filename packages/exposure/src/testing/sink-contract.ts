import { deepEqual, equal, rejects } from 'node:assert/strict'
import { batchOf } from '../event-batch.ts'
import type { Sink } from '../sink.ts'
import { sampleExposure, sampleOutcome } from './sample-events.ts'

/** A sink that nothing has been delivered to, and a way to see what it stored. */
export interface SinkUnderTest {
  readonly sink: Sink
  /** All lines stored, without their line feeds, in any order. */
  lines(): Promise<readonly string[]>
}

/** One thing that every sink does, under the name that its test gets. */
export interface ContractCase {
  readonly name: string
  readonly run: () => Promise<void>
}

/**
 * What every sink does, as cases for any test runner:
 * `for (const { name, run } of sinkContract(open)) it(name, run)`.
 */
export function sinkContract(open: () => Promise<SinkUnderTest>): readonly ContractCase[] {
  const exposure = sampleExposure()
  const foreign = sampleExposure({ unitId: 'Zoë "the 2nd" \u{1F3AC}\n', sequence: 3 })
  const outcome = sampleOutcome()

  return [
    contractCase('stores every line of a batch, byte for byte', async ({ sink, lines }) => {
      deepEqual(await sink.deliver(batchOf([exposure, outcome, foreign])), { rejected: [] })
      deepEqual(await parsed(lines), [exposure, outcome, foreign])
    }),
    contractCase('keeps batches apart, whether or not they wait for each other', async ({ sink, lines }) => {
      const batches = Array.from({ length: 20 }, (_, i) => [
        sampleExposure({ unitId: `viewer-${i}`, sequence: 2 * i + 1 }),
        sampleOutcome({ unitId: `viewer-${i}`, sequence: 2 * i + 2 }),
      ])
      await Promise.all(batches.map((events) => sink.deliver(batchOf(events))))
      deepEqual(await parsed(lines), batches.flat())
    }),
    contractCase('has stored a line as soon as it says so', async ({ sink, lines }) => {
      await sink.deliver(batchOf([exposure]))
      equal((await lines()).length, 1)
      await sink.deliver(batchOf([outcome]))
      equal((await lines()).length, 2)
    }),
    contractCase('keeps nothing of the batch it was lent', async ({ sink, lines }) => {
      const batch = batchOf([exposure])
      await sink.deliver(batch)
      batch.content.fill(0)
      deepEqual(await parsed(lines), [exposure])
    }),
    contractCase('closes twice, and takes nothing after that', async ({ sink, lines }) => {
      await sink.deliver(batchOf([exposure]))
      await sink.close()
      await sink.close()
      await rejects(sink.deliver(batchOf([outcome])))
      deepEqual(await parsed(lines), [exposure])
    }),
    contractCase('closes unused', async ({ sink, lines }) => {
      await sink.close()
      deepEqual(await lines(), [])
    }),
  ]

  function contractCase(name: string, check: (subject: SinkUnderTest) => Promise<void>): ContractCase {
    return {
      name,
      run: async () => {
        const subject = await open()
        try {
          await check(subject)
        } finally {
          await subject.sink.close()
        }
      },
    }
  }
}

async function parsed(lines: () => Promise<readonly string[]>): Promise<unknown[]> {
  const events = (await lines()).map((line) => JSON.parse(line) as { sequence: number })
  return events.toSorted((a, b) => a.sequence - b.sequence)
}
