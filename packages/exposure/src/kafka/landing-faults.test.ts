import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { landedIn } from '../../test/landed-in.ts'
import { sampleExposure } from '../testing/index.ts'
import type { KafkaLibrary } from './kafka-library.ts'
import type { AssignedPartition, KafkaMembership, KafkaRecords } from './kafka-reader.ts'
import { type KafkaSegments, type KafkaSegmentsOptions, kafkaSegments } from './kafka-segments.ts'
import type { LandingNotice } from './landing-notice.ts'

const topic = 'fairtrial.exposures.v1'
let directory: string
let notices: LandingNotice[]
let landing: KafkaSegments | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairtrial-faults-'))
  notices = []
})

afterEach(async () => {
  await landing?.close()
  landing = undefined
  rmSync(directory, { recursive: true, force: true })
})

/** A topic with one partition, and members that read it only as far as a test lets them. */
function library(options: { readonly high: () => number; readonly low?: () => number }) {
  const members: (KafkaMembership & { isClosed: boolean; committed: number })[] = []
  const range = (): AssignedPartition => ({
    topic,
    partition: 0,
    low: options.low?.() ?? 0,
    high: options.high(),
    committed: null,
  })
  const fake: KafkaLibrary = {
    openProducer: () => {
      throw new Error('Nothing is written here.')
    },
    openReader: () => ({
      ranges: async () => [range()],
      read: async () => undefined,
      close: async () => undefined,
    }),
    joinGroup(membership) {
      const member = { ...membership, isClosed: false, committed: 0 }
      members.push(member)
      return {
        commit: async ([position]) => void (member.committed = position?.offset ?? 0),
        close: async () => void (member.isClosed = true),
      }
    },
  }
  return { fake, members, range }
}

async function land(fake: KafkaLibrary, more: Partial<KafkaSegmentsOptions> = {}): Promise<KafkaSegments> {
  const options = { library: fake, directory, groupId: 'group', lagMs: 10, commitMs: 10, stallMs: 100 }
  landing = await kafkaSegments({ ...options, onNotice: (notice) => notices.push(notice), ...more })
  return landing
}

function records(...offsets: readonly number[]): KafkaRecords {
  return {
    topic,
    partition: 0,
    records: offsets.map((offset) => ({
      offset,
      timestamp: 1_000 + offset,
      key: null,
      value: Buffer.from(JSON.stringify(sampleExposure({ sequence: offset + 1 }))),
    })),
    next: (offsets.at(-1) ?? 0) + 1,
  }
}

const offsets = () => landedIn(directory).events.map(({ kafka }) => kafka.offset)

it('FAULTS 41: a consumer that stands still while more is there is made anew, and goes on where the file ends', async () => {
  const { fake, members, range } = library({ high: () => 10 })
  await land(fake)
  expect(members[0]?.begin([range()])).toEqual([0])
  await members[0]?.take(records(0, 1, 2))
  await vi.waitFor(() => expect(members).toHaveLength(2), { timeout: 10_000 })
  expect(members[0]?.isClosed).toBe(true)
  expect(notices).toMatchObject([{ kind: 'stalled', detail: expect.stringContaining('more is there') }])
  expect(members[1]?.begin([range()])).toEqual([3])
  // The old one wakes up and brings what it had in its hands: it is there once all the same.
  await Promise.all([members[1]?.take(records(3, 4, 5)), members[0]?.take(records(2, 3, 4))])
  expect(offsets()).toEqual([0, 1, 2, 3, 4, 5])
})

it('lets a consumer be that has read all there is', async () => {
  const { fake, members, range } = library({ high: () => 3 })
  const lags: number[] = []
  await land(fake, { stallMs: 30, onLag: ([one]) => void (one !== undefined && lags.push(one.lag)) })
  members[0]?.begin([range()])
  await members[0]?.take(records(0, 1, 2))
  await vi.waitFor(() => expect(lags.filter((lag) => lag === 0).length).toBeGreaterThan(10), {
    timeout: 10_000,
  })
  expect(members).toHaveLength(1)
  expect(notices).toEqual([])
  expect(landing?.lag()).toEqual([{ topic, partition: 0, position: 3, lag: 0 }])
  expect(members[0]?.committed).toBe(3)
})

it('is let in again where the group never let it in, or it gave up', async () => {
  const { fake, members } = library({ high: () => 3 })
  await land(fake)
  await vi.waitFor(() => expect(members).toHaveLength(2), { timeout: 10_000 })
  expect(notices).toMatchObject([{ kind: 'stalled', detail: expect.stringContaining('not let in') }])
  members[1]?.onEnd(new Error('The broker hung up.'))
  await vi.waitFor(() => expect(members).toHaveLength(3), { timeout: 10_000 })
  expect(notices[1]).toMatchObject({ kind: 'ended', detail: expect.stringContaining('The broker hung up.') })
})

it('is quiet while the group of a new broker has no coordinator yet, and counts it; loud where that goes on', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  try {
    const { fake, members, range } = library({ high: () => 3 })
    const options = { library: fake, directory, groupId: 'group', lagMs: 10_000 }
    landing = await kafkaSegments({ ...options, stallMs: 60_000 })
    const loading = new Error("The coordinator is loading and hence can't process requests for this group")
    members[0]?.onEnd(loading, true)
    await vi.waitFor(() => expect(members).toHaveLength(2), { timeout: 10_000 })
    expect(warn).not.toHaveBeenCalled()
    expect(landing.restarts()).toBe(1)
    // What does not pass is told at once, and so is what passes once the member was let in.
    members[1]?.onEnd(new Error('The password is wrong.'))
    await vi.waitFor(() => expect(members).toHaveLength(3), { timeout: 10_000 })
    expect(warn).toHaveBeenLastCalledWith(
      'The consumer of group group ended: The password is wrong. It is made anew.',
      { code: 'FAIRTRIAL_ENDED' },
    )
    await landing.close()

    landing = await kafkaSegments({ ...options, onNotice: (notice) => notices.push(notice) })
    members.at(-1)?.onEnd(loading, true)
    const before = members.length
    await vi.waitFor(() => expect(members).toHaveLength(before + 1), { timeout: 10_000 })
    members.at(-1)?.begin([range()])
    members.at(-1)?.onEnd(loading, true)
    expect(notices.map(({ kind }) => kind)).toEqual(['starting', 'ended'])
    await landing.close()

    notices = []
    landing = await kafkaSegments({ ...options, stallMs: 20, onNotice: (notice) => notices.push(notice) })
    await new Promise((resolve) => setTimeout(resolve, 40))
    members.at(-1)?.onEnd(loading, true)
    expect(notices).toMatchObject([
      { kind: 'ended', detail: expect.stringContaining('this group. It is made') },
    ])
  } finally {
    warn.mockRestore()
  }
})

it('takes no gap for a loss but where the broker has deleted what stood there', async () => {
  let low = 0
  const { fake, members, range } = library({ high: () => 99, low: () => low })
  await land(fake, { stallMs: 60_000 })
  members[0]?.begin([range()])
  await members[0]?.take(records(0, 1))
  await members[0]?.take(records(4, 5)) // 2 and 3 ended transactions
  low = 8
  await members[0]?.take(records(8))
  expect(offsets()).toEqual([0, 1, 4, 5, 8])
  expect(landedIn(directory).markers).toMatchObject([{ lost: { from: 6, until: 8 }, kafka: { offset: 7 } }])
  expect(landing?.counts()).toEqual({ events: 5, poison: 0, lost: 2 })
})

it('FAULTS 30: what cannot be written is tried until it can, and is there once', async () => {
  const { fake, members, range } = library({ high: () => 9 })
  await land(fake, { stallMs: 60_000 })
  members[0]?.begin([range()])
  // Something else has the name of the file.
  const path = join(directory, `${topic}-0.000001.ndjson`)
  mkdirSync(path)
  const taking = members[0]?.take(records(0, 1, 2))
  await vi.waitFor(() => expect(notices[0]?.kind).toBe('write-failed'), { timeout: 10_000 })
  rmdirSync(path)
  await taking
  expect(offsets()).toEqual([0, 1, 2])
})

it('goes on after what another member has committed, and reads again what its own directory has lost', async () => {
  const { fake, members, range } = library({ high: () => 99 })
  await land(fake, { stallMs: 60_000 })
  const committed = { offset: 40, metadata: 'another-host:/log' }
  expect(members[0]?.begin([{ ...range(), committed }])).toEqual([40])
  await members[0]?.take(records(40))
  const commits: string[] = []
  await landing?.close()
  const own = library({ high: () => 99 })
  const { joinGroup } = own.fake
  await land(
    {
      ...own.fake,
      joinGroup: (membership) => ({
        ...joinGroup(membership),
        commit: async (positions) => void commits.push(...positions.map(({ metadata }) => metadata)),
      }),
    },
    { stallMs: 60_000 },
  )
  own.members[0]?.begin([range()])
  await own.members[0]?.take(records(41))
  await vi.waitFor(() => expect(commits).not.toEqual([]), { timeout: 10_000 })
  // The group says 90, in the name of this very directory, which ends at 42.
  expect(own.members[0]?.begin([{ ...range(), committed: { offset: 90, metadata: commits[0]! } }])).toEqual([
    42,
  ])
  expect(notices).toMatchObject([{ kind: 'directory-behind' }])
})

it('ends, and says so, where the topic ends before the directory does', async () => {
  const { fake, members, range } = library({ high: () => 3 })
  const { ended } = await land(fake)
  members[0]?.begin([range()])
  await members[0]?.take(records(0, 1, 2))
  const shorter = { ...range(), high: 1 }
  expect(() => members[0]?.begin([shorter])).toThrow('ends at offset 1: the topic was made anew')
  try {
    members[0]?.begin([shorter])
  } catch (cause) {
    members[0]?.onEnd(cause as Error)
  }
  await expect(ended).rejects.toMatchObject({ code: 'io' })
  expect(members[0]?.isClosed).toBe(true)
})
