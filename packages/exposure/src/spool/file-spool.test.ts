import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { MemoryDisk, SOUND } from '../../test/memory-disk.ts'
import { batchOf, type Spool, type SpooledBatch } from '../index.ts'
import { sampleExposure, sampleOutcome } from '../testing/index.ts'
import { NOTHING_BESIDE } from './carried.ts'
import { openableSpool } from './file-spool.ts'
import { fileSpool, type FileSpoolOptions } from './index.ts'
import { systemFiles } from './spool-files.ts'

const directories: string[] = []
const spools: Spool[] = []
afterEach(async () => {
  for (const spool of spools.splice(0)) await spool.close(NOTHING_BESIDE).catch(() => undefined)
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-spool-'))
  directories.push(directory)
  return directory
}

function batchFrom(first: number, count = 3) {
  return batchOf(
    Array.from({ length: count }, (_, i) =>
      i % 3 === 2
        ? sampleOutcome({ unitId: `v-${first + i}`, sequence: first + i })
        : sampleExposure({ unitId: `v-${first + i}`, sequence: first + i }),
    ),
  )
}

const sequences = ({ content }: { content: Uint8Array }): number[] =>
  new TextDecoder()
    .decode(content)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).sequence)

/** Settles all there is. */
async function drain(spool: Spool): Promise<{ stored: number[]; damaged: number }> {
  const stored: number[] = []
  let damaged = 0
  for (let batch = await spool.oldest(); batch !== undefined; batch = await spool.oldest()) {
    if ('damaged' in batch) damaged += batch.damaged.exposure + batch.damaged.outcome + batch.damaged.summary
    else stored.push(...sequences(batch))
    await spool.settle(batch, [], NOTHING_BESIDE)
  }
  return { stored, damaged }
}

async function openedIn(directory: string, options: Partial<FileSpoolOptions> = {}) {
  const spool = fileSpool({ directory, ...options })
  spools.push(spool)
  return { spool, recovery: await spool.open() }
}

it('gives back what was appended, in order, with its kinds and units, over a close', async () => {
  const directory = await newDirectory()
  const { spool, recovery } = await openedIn(directory)
  expect(recovery).toMatchObject({ account: null, position: 0, tornBytes: 0 })
  const batch = batchFrom(1)
  expect(await spool.append(batch, NOTHING_BESIDE)).toBe(1)
  expect(await spool.append(batchFrom(4), NOTHING_BESIDE)).toBe(2)
  expect(await spool.oldest()).toMatchObject({ position: 1, kinds: batch.kinds, unitIds: batch.unitIds })
  expect(((await spool.oldest()) as SpooledBatch).content).toEqual(Buffer.from(batch.content))
  expect(spool.status()).toMatchObject({ batches: 2, events: 6 })
  await spool.close(NOTHING_BESIDE)

  const again = await openedIn(directory)
  expect(again.recovery).toMatchObject({ position: 2, account: { exposures: { offered: 4, pending: 4 } } })
  expect(await drain(again.spool)).toEqual({ stored: [1, 2, 3, 4, 5, 6], damaged: 0 })
  await again.spool.close(NOTHING_BESIDE)
  expect((await readdir(directory)).filter((name) => name.endsWith('.spool'))).toEqual([])

  const { recovery: last } = await openedIn(directory)
  expect(last.account).toMatchObject({
    exposures: { offered: 4, delivered: 4, pending: 0 },
    outcomes: { offered: 2, delivered: 2, pending: 0 },
  })
})

it('carries what it was told with its last record, over a process that never closed it', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory)
  const exposures = { ...NOTHING_BESIDE.exposures, delivered: 5, deduplicated: 2 }
  await spool.append(batchFrom(1), NOTHING_BESIDE)
  await spool.append(batchFrom(4), { ...NOTHING_BESIDE, exposures })
  const copy = await newDirectory()
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.lock')) writeFileSync(join(copy, name), await readFile(join(directory, name)))
  }
  const { recovery } = await openedIn(copy)
  expect(recovery.account?.exposures).toMatchObject({
    offered: 11,
    delivered: 5,
    deduplicated: 2,
    pending: 4,
  })
  expect(recovery.beside.exposures).toEqual(exposures)
})

it('FAULTS 29: torn at any byte, the last record is cut off, and all before it are there', async () => {
  const random = () => 1
  const whole = new MemoryDisk()
  const timers = { start: (callback: () => void) => setImmediate(callback), stop: () => undefined }
  const spoolOn = (disk: MemoryDisk) =>
    openableSpool({ directory: 'd' }, disk.boot(SOUND, random, timers).files)
  const spool = spoolOn(whole)
  await spool.open()
  await spool.append(batchFrom(1, 1), NOTHING_BESIDE)
  const [path] = [...whole.files.keys()].filter((name) => name.endsWith('.spool'))
  const before = whole.files.get(path!)!.length
  await spool.append(batchFrom(2, 1), NOTHING_BESIDE)
  const bytes = whole.files.get(path!)!
  expect(bytes.length).toBeGreaterThan(before + 500)
  for (let length = before; length < bytes.length; length++) {
    const disk = new MemoryDisk()
    disk.files.set(path!, bytes.subarray(0, length))
    const torn = spoolOn(disk)
    expect(await torn.open()).toMatchObject({ tornBytes: length - before, position: 1 })
    expect(disk.files.get(path!)).toHaveLength(before)
    expect(await torn.append(batchFrom(3, 1), NOTHING_BESIDE)).toBe(2)
    expect(await drain(torn)).toEqual({ stored: [1, 3], damaged: 0 })
    await torn.close(NOTHING_BESIDE)
  }
  await spool.close(NOTHING_BESIDE)
})

it('passes over a record whose bytes were changed, and counts what was in it', async () => {
  const whole = await newDirectory()
  const { spool } = await openedIn(whole)
  for (const first of [1, 4, 7]) await spool.append(batchFrom(first), NOTHING_BESIDE)
  const [name] = (await readdir(whole)).filter((entry) => entry.endsWith('.spool'))
  const bytes = readFileSync(join(whole, name!))
  const record = bytes.length / 3
  for (const [at, stored] of [
    // In the first record: its magic, a length, the sum, its head, its lines.
    ...[0, 5, 9, 13, 40, 900].map((offset) => [offset, [4, 5, 6, 7, 8, 9]] as const),
    ...[0, 5, 9, 13, 40, 900].map((offset) => [record + offset, [1, 2, 3, 7, 8, 9]] as const),
  ]) {
    const directory = await newDirectory()
    const broken = Buffer.from(bytes)
    broken[at]! ^= 0xff
    writeFileSync(join(directory, name!), broken)
    const { spool: damaged, recovery } = await openedIn(directory)
    expect(recovery.account).toMatchObject({ exposures: { offered: 6, pending: 6 } })
    expect(damaged.status()).toMatchObject({ batches: 3, events: 9 })
    expect(await drain(damaged)).toEqual({ stored, damaged: 3 })
    await damaged.close(NOTHING_BESIDE)
    const { recovery: later } = await openedIn(directory)
    expect(later.account).toMatchObject({
      exposures: { offered: 6, delivered: 4, dropped: { 'spool-damaged': 2 }, pending: 0 },
      outcomes: { offered: 3, delivered: 2, dropped: { 'spool-damaged': 1 }, pending: 0 },
    })
  }
})

it('tells of a segment that was deleted under it, or changed after it was opened', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory, { maximumBytes: 8_000 })
  for (const first of [1, 4, 7]) await spool.append(batchFrom(first), NOTHING_BESIDE)
  const names = (await readdir(directory)).filter((entry) => entry.endsWith('.spool')).toSorted()
  expect(names).toHaveLength(3)
  await rm(join(directory, names[0]!))
  truncateSync(join(directory, names[1]!), 100)
  expect(await drain(spool)).toEqual({ stored: [7, 8, 9], damaged: 6 })
})

it('survives a torn write of its progress, and then gives again what was settled last', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory)
  for (const first of [1, 4, 7]) await spool.append(batchFrom(first), NOTHING_BESIDE)
  for (let i = 0; i < 2; i++) await spool.settle((await spool.oldest())!, [], NOTHING_BESIDE)
  const path = join(directory, 'progress')
  const bytes = readFileSync(path)
  const copy = await newDirectory()
  for (const name of await readdir(directory)) {
    if (name.endsWith('.spool')) writeFileSync(join(copy, name), await readFile(join(directory, name)))
  }
  // The second slot to be written is the first in the file.
  for (let cut = 0; cut < 8 + bytes.readUInt32LE(4); cut += 7) {
    const torn = Buffer.from(bytes)
    torn.fill(0, cut, 4_096)
    writeFileSync(join(copy, 'progress'), torn)
    const { spool: again, recovery } = await openedIn(copy)
    expect(recovery.account).toMatchObject({ exposures: { offered: 6, delivered: 2, pending: 4 } })
    expect(sequences((await again.oldest()) as SpooledBatch)).toEqual([4, 5, 6])
    await again.close(NOTHING_BESIDE)
    for (const name of await readdir(copy)) if (name.endsWith('.lock')) await rm(join(copy, name))
  }
})

it('FAULTS 26: keeps what the sink refused for good beside it, bounded', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory, { maximumRejectedBytes: 2_000 })
  for (let first = 1; first < 60; first += 3) {
    await spool.append(batchFrom(first), NOTHING_BESIDE)
    const rejected = [{ line: 2, code: 'too-large', detail: 'more than 900 kB' }]
    await spool.settle((await spool.oldest())!, rejected, NOTHING_BESIDE)
  }
  const letters = (await readFile(join(directory, 'rejected.ndjson'), 'utf8')).trim().split('\n')
  expect(JSON.parse(letters.at(-1)!)).toMatchObject({
    code: 'too-large',
    detail: 'more than 900 kB',
    rejectedAt: expect.any(Number),
    line: JSON.stringify(sampleExposure({ unitId: 'v-59', sequence: 59 })),
  })
  for (const name of ['rejected.ndjson', 'rejected.1.ndjson']) {
    expect((await stat(join(directory, name))).size).toBeLessThanOrEqual(2_000)
  }
  await spool.close(NOTHING_BESIDE)
  const { recovery } = await openedIn(directory)
  expect(recovery.account).toMatchObject({ exposures: { delivered: 20, dropped: { rejected: 20 } } })
})

it('FAULTS 31: has room for outcomes up to 80 % of its bound, for exposures up to all of it, and never grows beyond', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory, { maximumBytes: 100_000, sync: 'never' })
  const batch = batchFrom(1, 30)
  const bytes = batch.content.length
  let outcomesUntil = 0
  while (spool.hasRoom('exposure', bytes, 0)) {
    if (spool.hasRoom('outcome', bytes, 0)) outcomesUntil = spool.status().bytes
    await spool.append(batch, NOTHING_BESIDE)
  }
  expect(outcomesUntil).toBeLessThanOrEqual(80_000)
  expect(outcomesUntil).toBeGreaterThan(40_000)
  const { share } = spool.status()
  expect(share).toBeLessThanOrEqual(1)
  expect(share).toBeGreaterThan(0.75)
  await drain(spool)
  expect(spool.hasRoom('outcome', bytes, 0)).toBe(true)
})

it('is refused to a second owner, by name, and free once the first has closed', async () => {
  const directory = await newDirectory()
  const { spool } = await openedIn(directory)
  const second = fileSpool({ directory })
  await expect(second.open()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining(`held by process ${process.pid}`),
  })
  await spool.close(NOTHING_BESIDE)
  await second.open()
  await second.close(NOTHING_BESIDE)
})

it('counts a record once that could neither be synced nor cut off again', async () => {
  const directory = await newDirectory()
  const broken = new Set<string>()
  const fail = (call: string) => {
    if (broken.delete(call)) throw Object.assign(new Error(`fault: ${call}`), { code: 'EIO' })
  }
  const spool = openableSpool(
    { directory, sync: 'always' },
    {
      ...systemFiles,
      open: async (path, flags) => {
        const file = await systemFiles.open(path, flags)
        const { datasync, truncate } = file
        return Object.assign(file, {
          datasync: async () => (fail('datasync'), datasync.call(file)),
          truncate: async (length: number) => (fail('truncate'), truncate.call(file, length)),
        })
      },
    },
  )
  spools.push(spool)
  await spool.open()
  await spool.append(batchFrom(1), NOTHING_BESIDE)
  broken.add('datasync').add('truncate')
  await expect(spool.append(batchFrom(4), NOTHING_BESIDE)).rejects.toThrow(/fault: datasync/)
  expect(broken.size).toBe(0)
  expect(await spool.append(batchFrom(7), NOTHING_BESIDE)).toBe(2)
  await spool.close(NOTHING_BESIDE)
  const { spool: again, recovery } = await openedIn(directory)
  expect(recovery.account).toMatchObject({ exposures: { offered: 4, pending: 4 } })
  expect(await drain(again)).toEqual({ stored: [1, 2, 3, 7, 8, 9], damaged: 0 })
})

it('takes nothing more once another process has taken it over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const directory = await newDirectory()
    const { spool } = await openedIn(directory)
    await spool.append(batchFrom(1), NOTHING_BESIDE)
    // As after a minute of standing still, in another container.
    writeFileSync(join(directory, 'owner-2.lock'), '{}')
    vi.advanceTimersByTime(10_000)
    await vi.waitFor(() =>
      expect(spool.append(batchFrom(4), NOTHING_BESIDE)).rejects.toThrow(/taken over by another process/),
    )
  } finally {
    vi.useRealTimers()
  }
})

it('refuses options that would lift its limits in silence', () => {
  for (const [options, message] of [
    [{}, /no directory/],
    [{ directory: 'x', sync: 'sometimes' }, /sync is "sometimes"/],
    [{ directory: 'x', maximumBytes: Number.NaN }, /maximumBytes is NaN/],
    [{ directory: 'x', maximumBytes: 0 }, /maximumBytes is 0\. Give a number above 0/],
  ] as const) {
    expect(() => fileSpool(options as never)).toThrow(message)
  }
})
