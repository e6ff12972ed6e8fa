// On a real file system of 1 MB, which is full, then read-only. A disk that fails (EIO) cannot be had without a
// driver: the property test of the recorder breaks one in memory.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { smallDiskForTests } from '@fairtrial/disks'
import { afterAll, describe, expect, it } from 'vitest'
import { createRecorder, memorySink, type Recorder } from '../index.ts'
import { sampleArm } from '../testing/index.ts'
import { fileSpool } from './index.ts'

const disk = smallDiskForTests('1m')
const { place } = disk
afterAll(disk.remove)

function recorderIn(directory: string) {
  const memory = memorySink()
  const gate = { isOpen: false }
  const recorder = createRecorder({
    sink: {
      deliver: async (batch) => {
        if (!gate.isOpen) throw new Error('down')
        return memory.deliver(batch)
      },
      close: memory.close,
    },
    spool: fileSpool({ directory, maximumBytes: 100_000_000 }),
    report: false,
    batch: { lingerMs: 5 },
    retry: { baseMs: 1, capMs: 20 },
  })
  return { recorder, gate, memory }
}

const isFailing = ({ health }: Recorder) => health().reasons.some(({ code }) => code === 'spool-failing')

async function exposeUntil(recorder: Recorder, state: boolean, from: number): Promise<number> {
  let next = from
  while (isFailing(recorder) !== state) {
    for (let i = 0; i < 20; i++) recorder.expose(sampleArm({ unitId: `viewer-${next++}` }))
    await sleep(10)
  }
  return next
}

describe.skipIf(disk.isMissing)('on a file system of 1 MB', () => {
  it('FAULTS 30: a full disk stops the spool and nothing else, until space returns', async () => {
    const filler = join(place, 'filler')
    writeFileSync(filler, Buffer.alloc(700_000))
    const { recorder, gate, memory } = recorderIn(join(place, 'full'))
    await recorder.opened()
    const safe = recorder.expose(sampleArm({ unitId: 'viewer-0' }))
    expect(await safe.durable).toBe(true)
    let next = await exposeUntil(recorder, true, 1)
    expect(recorder.health()).toMatchObject({ status: 'failing' })
    expect(recorder.health().reasons.find(({ code }) => code === 'spool-failing')?.message).toMatch(/ENOSPC/)
    // In memory only, and the caller sees nothing of it.
    const receipt = recorder.expose(sampleArm({ unitId: 'in-memory' }))
    expect(receipt.recorded).toBe('queued')
    rmSync(filler)
    next = await exposeUntil(recorder, false, next)
    const again = recorder.expose(sampleArm({ unitId: 'again' }))
    expect(await again.durable).toBe(true)
    gate.isOpen = true
    expect(await receipt.durable).toBe(true)
    const account = await recorder.close(30_000)
    expect(account).toMatchObject({ offered: next + 2, delivered: next + 2, pending: 0 })
    expect(new Set(memory.lines).size).toBe(next + 2)
  }, 60_000)

  it('FAULTS 30: a disk that the spool itself has filled gets free as it is delivered', async () => {
    const { recorder, gate } = recorderIn(join(place, 'own'))
    await recorder.opened()
    const next = await exposeUntil(recorder, true, 0)
    gate.isOpen = true
    expect(await recorder.flush(30_000)).toMatchObject({ delivered: next, pending: 0 })
    const last = await exposeUntil(recorder, false, next)
    const receipt = recorder.expose(sampleArm({ unitId: 'again' }))
    expect(await receipt.durable).toBe(true)
    expect(recorder.health().status).toBe('healthy')
    expect(await recorder.close(30_000)).toMatchObject({ delivered: last + 1, pending: 0 })
  }, 60_000)

  it('FAULTS 30: a read-only disk stops the spool and nothing else, until it can be written', async () => {
    disk.makeReadOnly()
    const { recorder, gate } = recorderIn(join(place, 'read-only'))
    await expect(recorder.opened()).rejects.toThrow(/EROFS/)
    expect(recorder.expose(sampleArm()).recorded).toBe('queued')
    disk.makeWritable()
    await exposeUntil(recorder, false, 0)
    expect(await recorder.expose(sampleArm({ unitId: 'later' })).durable).toBe(true)
    gate.isOpen = true
    expect(await recorder.close(30_000)).toMatchObject({ pending: 0, dropped: { deadline: 0, shutdown: 0 } })
  }, 60_000)
})
