import { crc32 } from 'node:zlib'
import type { BesideSpool, EventCounts } from '../spool.ts'
import { type BesideJson, besideFromJson, besideToJson, type SettledCounts } from './carried.ts'
import { KINDS, mapKinds } from './event-counts.ts'
import { type OpenFile, type SpoolFiles, writeWhole } from './spool-files.ts'

/** How far a spool is settled. */
export interface Progress {
  readonly position: number
  readonly settled: SettledCounts
  readonly beside: BesideSpool
}

// Two slots that are written in turn, each with its generation and a CRC32: a write that is torn leaves the other.
const SLOT_BYTES = 4_096
const PREFIX_BYTES = 8

/** The file in which a spool notes how far it is settled. */
export class ProgressFile {
  readonly #file: OpenFile
  #generation: number

  constructor(file: OpenFile, generation: number) {
    this.#file = file
    this.#generation = generation
  }

  static async open(
    files: SpoolFiles,
    path: string,
  ): Promise<{ file: ProgressFile; latest: Progress | null }> {
    const file = await files.open(path, files.READ_WRITE_CREATE)
    try {
      const bytes = Buffer.alloc(2 * SLOT_BYTES)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
      // Settling must not need space: it is what makes some.
      if (bytesRead < bytes.length) await writeWhole(file, bytes.subarray(bytesRead), bytesRead)
      const [latest] = [readSlot(bytes.subarray(0, SLOT_BYTES)), readSlot(bytes.subarray(SLOT_BYTES))]
        .filter((slot) => slot !== undefined)
        .toSorted((a, b) => b.generation - a.generation)
      return {
        file: new ProgressFile(file, latest?.generation ?? 0),
        latest: latest?.progress ?? null,
      }
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  async write(progress: Progress): Promise<void> {
    const generation = this.#generation + 1
    const slot = writeSlot(generation, progress)
    await writeWhole(this.#file, slot, (generation % 2) * SLOT_BYTES)
    // Only now: a slot that failed is written again, and never the one that is whole.
    this.#generation = generation
  }

  sync(): Promise<void> {
    return this.#file.datasync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

interface SlotJson {
  readonly generation: number
  readonly position: number
  readonly settled: readonly (readonly number[])[]
  readonly beside: BesideJson
}

function writeSlot(generation: number, { position, settled, beside }: Progress): Buffer {
  const counts = (of: EventCounts) => KINDS.map((kind) => of[kind])
  const json: SlotJson = {
    generation,
    position,
    settled: [counts(settled.delivered), counts(settled.rejected), counts(settled.damaged)],
    beside: besideToJson(beside),
  }
  const text = Buffer.from(JSON.stringify(json))
  const slot = Buffer.alloc(PREFIX_BYTES + text.length)
  slot.writeUInt32LE(crc32(text), 0)
  slot.writeUInt32LE(text.length, 4)
  text.copy(slot, PREFIX_BYTES)
  return slot
}

function readSlot(slot: Buffer): { generation: number; progress: Progress } | undefined {
  const text = slot.subarray(PREFIX_BYTES, PREFIX_BYTES + slot.readUInt32LE(4))
  if (text.length === 0 || slot.readUInt32LE(0) !== crc32(text)) return undefined
  const { generation, position, settled, beside }: SlotJson = JSON.parse(text.toString())
  const counts = (index: number) => mapKinds((kind) => settled[index]![KINDS.indexOf(kind)]!)
  return {
    generation,
    progress: {
      position,
      settled: { delivered: counts(0), rejected: counts(1), damaged: counts(2) },
      beside: besideFromJson(beside),
    },
  }
}
