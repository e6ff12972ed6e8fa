import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { batchOf } from '../index.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import { readSegments, segmentLog, segmentSink, START } from './index.ts'

it('reads each byte of a log once, from the beginning on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-log-'))
  const log = segmentLog(directory)
  const sink = segmentSink({ directory, producerId: 'a' })
  await sink.deliver(batchOf([sampleExposure()]))

  const first = await log.readFrom(null)
  expect(first).toMatchObject({ events: [sampleExposure()], unreadableLines: 0, more: false })

  const news = batchOf([sampleOutcome()])
  await sink.deliver(news)
  const second = await log.readFrom(first.cursor)
  expect(second).toMatchObject({ events: [sampleOutcome()], bytesRead: news.content.length })
  expect((await log.readFrom(second.cursor)).bytesRead).toBe(0)

  await sink.close()
  await rm(directory, { recursive: true })
})

it('takes no directory for none named, which would be empty for ever', async () => {
  for (const directory of ['', undefined as never]) {
    expect(() => segmentLog(directory)).toThrow(/directory of segments is .* Give the one/)
    await expect(readSegments(directory)).rejects.toMatchObject({ code: 'invalid-argument' })
  }
  await expect(readSegments('log', START, { maximumBytes: 0 })).rejects.toThrow(/maximumBytes is 0/)
})
