import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineExperiment } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlanes } from '../test/local-plane.ts'
import { definition, experiment } from '../test/trial.ts'

const open = localPlanes()

describe('an abort by hand', () => {
  it('works while the log cannot be read and every look fails', async () => {
    const { directory, plane, lines } = await open()
    await rm(join(directory, 'log'), { recursive: true, force: true })
    await writeFile(join(directory, 'log'), 'not a directory')
    await expect
      .poll(async () => (await plane.view('home-row')).error, { timeout: 10_000 })
      .toMatch(/ENOTDIR/)
    expect(lines.filter((line) => line.includes('the look failed'))).toHaveLength(1)

    expect(
      await plane.order('home-row', { action: 'abort', by: 'ada', reason: 'Complaints.' }, 'operator'),
    ).toMatchObject({ to: { status: 'aborted' } })
    expect((await plane.lease([])).snapshot.states).toMatchObject([{ status: 'aborted', trafficPercent: 0 }])
    // Nobody held a lease: it is proved at once.
    expect((await plane.view('home-row')).proof?.proved).toBe(true)
  })

  it('works when the loop has ended', async () => {
    const { plane } = await open()
    await plane.close()
    expect(
      await plane.order('home-row', { action: 'abort', by: 'ada', reason: 'Complaints.' }, 'operator'),
    ).toMatchObject({ to: { status: 'aborted' } })
    expect((await plane.lease([])).snapshot.states).toMatchObject([{ status: 'aborted' }])
  })

  it('FAULTS 53: events that cannot be written are refused, not lost', async () => {
    const { directory, plane } = await open()
    await rm(join(directory, 'log'), { recursive: true, force: true })
    await writeFile(join(directory, 'log'), 'not a directory')
    const body = Buffer.from(batch(eventsOf(['viewer-1'])))
    await expect(plane.ingest(body)).rejects.toMatchObject({ code: 'io' })
    await rm(join(directory, 'log'))
    expect(await plane.ingest(body)).toMatchObject({ accepted: 2, duplicates: 0 })
  })
})

describe('leases', () => {
  it('are not granted on a state that cannot be read', async () => {
    const { directory, plane } = await open({ tickMs: 60_000 })
    const folder = join(directory, 'state', 'experiment-home-row')
    for (const name of await readdir(folder)) await rm(join(folder, name))
    await expect(plane.lease(['a'])).rejects.toMatchObject({ code: 'invalid-state' })
  })

  it('FAULTS 12: go on counting revisions where an experiment is no longer run', async () => {
    const other = defineExperiment({ ...definition, key: 'other' })
    const first = await open({ experiments: [experiment, other] })
    await first.plane.order('other', { action: 'abort', by: 'ada', reason: 'Enough.' }, 'operator')
    const before = (await first.plane.lease([])).snapshot
    await first.close()
    const { plane } = await open({ directory: first.directory })
    const after = await plane.lease([])
    expect(after.snapshot.states).toHaveLength(1)
    expect(after.snapshot.revision).toBe(before.revision)
  })
})

describe('a proof', () => {
  it('waits after a restart for the longest lease that was ever granted', async () => {
    const first = await open({ leaseMs: 3_600_000 })
    await first.close()
    const second = await open({ directory: first.directory, leaseMs: 1_000 })
    await second.close()
    const { plane } = await open({ directory: first.directory, leaseMs: 1_000 })
    await plane.order('home-row', { action: 'abort', by: 'ada', reason: 'Complaints.' }, 'operator')
    const { proof } = await plane.view('home-row')
    expect(proof).toMatchObject({ proved: false })
    expect(proof?.waitingFor.join()).toMatch(/before a restart/)
  })

  it('is made by the loop too, whoever asks or not, and told with its time', async () => {
    const { plane, lines } = await open()
    await plane.order('home-row', { action: 'abort', by: 'ada', reason: 'Complaints.' }, 'operator')
    await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toMatch(/rollback proved \d+ ms after/)
  })
})

describe('a definition that changed', () => {
  const changed = defineExperiment({
    ...definition,
    variants: [
      { name: 'old', weight: 1, config: {} },
      { name: 'new', weight: 3, config: {} },
    ],
  })

  it('is refused with what changed, and leaves nothing running', async () => {
    const first = await open()
    await first.close()
    await expect(open({ directory: first.directory, experiments: [changed] })).rejects.toThrow(
      /variants\[1\]\.weight: Was 1, is 3/,
    )
  })

  it('opens a new phase where that is meant', async () => {
    const first = await open()
    await first.close()
    const options = { directory: first.directory, experiments: [changed] }
    const second = await open({ ...options, onChangedDefinition: 'new-phase' })
    expect((await second.plane.view('home-row')).state).toMatchObject({
      phase: 2,
      revision: 2,
      status: 'running',
    })
    await second.close()
    const again = await open(options)
    expect((await again.plane.view('home-row')).state).toMatchObject({ phase: 2, revision: 2 })
  })

  it('goes on where the edit is safe, and is told', async () => {
    const first = await open()
    await first.close()
    const stages = [{ trafficPercent: 60, holdFor: '2h' as const, minimumUnits: 100 }]
    const { lines } = await open({
      directory: first.directory,
      experiments: [defineExperiment({ ...definition, ramp: { stages } })],
    })
    expect(lines.join('\n')).toMatch(/safe edits: ramp\.stages\[0\]\.trafficPercent/)
  })

  it('is refused where what was started cannot be read', async () => {
    const first = await open()
    await first.close()
    await mkdir(join(first.directory, 'definitions'), { recursive: true })
    await writeFile(join(first.directory, 'definitions', 'home-row.json'), '{')
    await expect(open({ directory: first.directory })).rejects.toMatchObject({ code: 'invalid-state' })
  })
})
