import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol/error'
import { SEGMENT_SUFFIX, segmentName, segmentNumber } from '../segments/segment-name.ts'
import { birthOf } from '../segments/segment-age.ts'
import { cutTornTail } from '../segments/torn-tail.ts'
import { type Origin, offsetOf } from './landed-line.ts'

/** When a file is done with. */
export interface FileLimits {
  readonly maximumBytes: number
  readonly maximumAgeMs: number
}

/** The files that one partition lands in: `TOPIC-PARTITION.000001.ndjson`, the next, and so on. */
export class PartitionFile {
  readonly origin: Origin
  readonly #directory: string
  readonly #series: string
  readonly #limits: FileLimits
  #file: FileHandle | undefined
  #number = 1
  #size = 0
  #bornAt = 0
  #next: number | undefined
  #isDirty = false

  constructor(directory: string, origin: Origin, limits: FileLimits) {
    this.origin = origin
    this.#directory = directory
    this.#series = `${origin.topic}-${origin.partition}`
    this.#limits = limits
  }

  /** The offset to go on from: what the last complete line says. Undefined where there is none. */
  get next(): number | undefined {
    return this.#next
  }

  /** Passes by what was given up, or what holds no record. */
  skipTo(offset: number): void {
    this.#next = offset
  }

  /** Cuts a torn tail, and reads where to go on. */
  async open(): Promise<void> {
    await this.close()
    await mkdir(this.#directory, { recursive: true })
    const numbers = (await readdir(this.#directory))
      .flatMap((name) => segmentNumber(this.#series, name) ?? [])
      .toSorted((a, b) => b - a)
    await this.#openFile(numbers[0] ?? 1)
    // The last file is empty where the process died between making it and writing to it.
    for (const number of numbers) {
      const path = join(this.#directory, segmentName(this.#series, number))
      const line = await lastLine(path)
      if (line === undefined) continue
      const offset = offsetOf(line, this.origin)
      if (offset === undefined) throw foreignLine(path)
      this.#next = offset + 1
      return
    }
  }

  /**
   * @param content whole lines
   * @param next the offset behind them
   */
  async append(content: string, next: number): Promise<void> {
    if (this.#file === undefined) await this.open()
    if (content !== '') {
      const bytes = Buffer.from(content)
      const { maximumBytes, maximumAgeMs } = this.#limits
      const isDone = this.#size + bytes.length > maximumBytes || Date.now() - this.#bornAt >= maximumAgeMs
      if (this.#size > 0 && isDone) await this.#openFile(this.#number + 1)
      await this.#file!.appendFile(bytes)
      this.#size += bytes.length
      this.#isDirty = true
    }
    this.#next = next
  }

  /** Makes the disk have it. */
  async sync(): Promise<void> {
    if (!this.#isDirty) return
    this.#isDirty = false
    await this.#file?.datasync()
  }

  /** Lets go of the file; the next `append` opens it again. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    try {
      if (this.#isDirty) await file.datasync()
    } finally {
      this.#isDirty = false
      await file.close()
    }
  }

  async #openFile(number: number): Promise<void> {
    await this.close()
    const file = await open(join(this.#directory, segmentName(this.#series, number)), 'a+')
    this.#file = file
    this.#number = number
    this.#size = await cutTornTail(file)
    this.#bornAt = await birthOf(file)
  }
}

/** The partitions that have files in a directory. */
export async function partitionsIn(directory: string, topics: readonly string[]): Promise<Origin[]> {
  const names = await readdir(directory)
  const series = new Set(names.map((name) => name.replace(/\.\d{6,}\.ndjson$/, '')))
  return topics.flatMap((topic) =>
    [...series]
      .filter((each) => each.startsWith(`${topic}-`) && /^\d+$/.test(each.slice(topic.length + 1)))
      .map((each) => ({ topic, partition: Number(each.slice(topic.length + 1)) })),
  )
}

const STEP = 64 * 1024
const LINE_FEED = 0x0a

/** The last line of a file that ends with a line feed; undefined where it is empty. */
async function lastLine(path: string): Promise<string | undefined> {
  const { size } = await stat(path)
  const file = await open(path, 'r')
  try {
    for (let length = STEP; ; length *= 2) {
      const start = Math.max(0, size - length)
      const tail = Buffer.alloc(size - start)
      await file.read(tail, 0, tail.length, start)
      const whole = tail.subarray(0, tail.lastIndexOf(LINE_FEED))
      const begin = whole.lastIndexOf(LINE_FEED) + 1
      if (begin > 0 || start === 0) return whole.length === 0 ? undefined : whole.subarray(begin).toString()
    }
  } finally {
    await file.close()
  }
}

function foreignLine(path: string): ExperimentError {
  return new ExperimentError(
    'io',
    `The last line of ${path} does not say up to which offset it has read: kafkaSegments did not write it.`,
    `Give a directory that only kafkaSegments writes to, or take the ${SEGMENT_SUFFIX} file away to read its partition again.`,
  )
}
