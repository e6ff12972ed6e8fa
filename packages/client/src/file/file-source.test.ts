import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { memorySink } from '@fairtrial/exposure'
import type { Snapshot } from '@fairtrial/protocol'
import { autoplay, viewer } from '../../test/autoplay.ts'
import { eventually } from '../../test/loopback.ts'
import { createClient } from '../client.ts'
import type { StateSource } from '../source.ts'
import { clientOnTrial, snapshotOf, stateFor, stateSourceContract } from '../testing/index.ts'
import { fileMemory } from './file-memory.ts'
import { fileSource } from './file-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairtrial-client-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
const fresh = () => join(folder, `state-${++made}.json`)

/** A snapshot issued now, by the clock of this machine. */
const issued = (revision: number, changes: Partial<Snapshot> = {}): Snapshot =>
  snapshotOf([stateFor(autoplay, { revision })], {
    issuedAt: Date.now(),
    validUntil: Date.now() + 30_000,
    ...changes,
  })

const clientOf = (source: StateSource) =>
  createClient({ experiments: [autoplay], source, sink: memorySink(), instanceId: 'a' })

describe('fileSource', () => {
  const contract = stateSourceContract(issued(1), issued(2), () => {
    const path = fresh()
    writeFileSync(path, JSON.stringify(issued(1)))
    return {
      source: fileSource({ path }),
      publish: (snapshot) => writeFileSync(path, JSON.stringify(snapshot)),
    }
  })
  for (const { title, check } of contract) it(`keeps the contract: ${title}`, check)

  it('FAULTS 1: of a file cut off at any byte, takes nothing, tells file:line:col, and keeps the last good state', async () => {
    const path = fresh()
    const { client, clock, errors } = clientOnTrial([autoplay], {
      source: fileSource({ path, pollMs: 1_000 }),
    })
    // The fake clock's now stands in for the one that the issuer shares with the client.
    const lease = { issuedAt: clock.now(), validUntil: clock.now() + 1e9 }
    const whole = JSON.stringify(issued(2, lease), null, 1)
    writeFileSync(path, whole)
    await client.refresh()
    await client.refresh()
    expect(client.status().revision).toBe(2)
    const failed = client.status().source.failures
    for (let end = 0; end < whole.length; end++) {
      writeFileSync(path, whole.slice(0, end).replace('"revision": 2', '"revision": 3'))
      await client.refresh()
    }
    expect(client.status()).toMatchObject({ revision: 2, source: { failures: failed + whole.length } })
    expect(client.assign(autoplay, viewer('1'))).toMatchObject({ reason: 'assigned', revision: 2 })
    expect(errors.at(-1)!.message).toContain(`${path}:${whole.split('\n').length}:1: `)
    writeFileSync(path, whole.replace('"revision": 2', '"revision": 3'))
    await client.refresh()
    expect(client.status().revision).toBe(3)
  })

  it('names the place of a mistake in the middle', async () => {
    const path = fresh()
    writeFileSync(path, '{\n  "schema": "fairtrial.snapshot/1"\n  "revision": 1\n}')
    const reading = fileSource({ path }).read({
      tag: null,
      instanceId: 'a',
      signal: new AbortController().signal,
    })
    await expect(reading).rejects.toThrow(`${path}:3:3: `)
  })

  it('FAULTS 2: refuses a file of 50 MB by its size, before it is read or parsed', async () => {
    const path = fresh()
    writeFileSync(path, Buffer.alloc(50_000_000, ' '))
    const parse = vi.spyOn(JSON, 'parse')
    const reading = fileSource({ path }).read({
      tag: null,
      instanceId: 'a',
      signal: new AbortController().signal,
    })
    await expect(reading).rejects.toThrow('50000000 bytes, and at most 5000000 are read')
    // The test runner parses too, but nothing of that size.
    expect(parse.mock.calls.filter(([text]) => text.length > 1_000_000)).toEqual([])
    parse.mockRestore()
  })

  it('FAULTS 11: while a writer renames one version after the other into place, only whole versions are seen', async () => {
    const path = fresh()
    const publish = (revision: number) => {
      // A long cause makes the file larger than a page, so that a torn one would show.
      const states = [stateFor(autoplay, { revision, cause: `${revision} `.repeat(20_000) })]
      writeFileSync(`${path}.draft`, JSON.stringify({ ...issued(revision), states }))
      renameSync(`${path}.draft`, path)
    }
    publish(1)
    const source = fileSource({ path, pollMs: 1 })
    const seen: number[] = []
    const client = clientOf({
      ...source,
      async read(inquiry) {
        const reading = await source.read(inquiry)
        const snapshot = reading.snapshot as Snapshot | undefined
        if (snapshot !== undefined) {
          seen.push(snapshot.revision)
          expect(snapshot.states[0]!.cause).toBe(`${snapshot.revision} `.repeat(20_000))
        }
        return reading
      },
    })
    let revision = 1
    await eventually(() => {
      revision += 1
      publish(revision)
      return new Set(seen).size >= 50
    })
    await eventually(() => client.status().revision === revision)
    expect(client.status().source).toMatchObject({ failures: 0, ignored: 0 })
    await client.close()
  })

  it('FAULTS 11: a writer that does not rename costs a failed reading, never a half state', async () => {
    const path = fresh()
    const whole = JSON.stringify(issued(5))
    writeFileSync(path, JSON.stringify(issued(4)))
    const client = clientOf(fileSource({ path, pollMs: 1 }))
    await client.ready()
    writeFileSync(path, whole.slice(0, whole.length / 2))
    await eventually(() => client.status().source.failures > 0)
    expect(client.assign(autoplay, viewer('1'))).toMatchObject({ reason: 'assigned', revision: 4 })
    writeFileSync(path, whole)
    await eventually(() => client.status().revision === 5)
    await client.close()
  })

  it("counts the issuer's lease by the clock they share: a file from yesterday serves control", async () => {
    const path = fresh()
    const yesterday = Date.now() - 86_400_000
    writeFileSync(path, JSON.stringify(issued(3, { issuedAt: yesterday, validUntil: yesterday + 30_000 })))
    const client = clientOf(fileSource({ path, pollMs: 1 }))
    await eventually(() => client.status().revision === 3)
    expect(client.assign(autoplay, viewer('1')).reason).toBe('stale-state')
    writeFileSync(path, JSON.stringify(issued(3)))
    expect(await client.ready()).toBe(true)
    expect(client.assign(autoplay, viewer('1')).reason).toBe('assigned')
    await client.close()
  })

  it('waits for a file that is not there yet', async () => {
    const path = fresh()
    const client = clientOf(fileSource({ path, pollMs: 1 }))
    await eventually(() => client.status().source.failures > 1)
    expect(client.status().source.lastError).toMatchObject({ code: 'io' })
    writeFileSync(path, JSON.stringify(issued(1)))
    expect(await client.ready()).toBe(true)
    await client.close()
  })
})

describe('fileMemory', () => {
  it('keeps the newest state over a restart, with what its lease had left', async () => {
    const path = join(folder, 'nested', 'last-good.json')
    const away: StateSource = {
      pollMs: 1_000,
      read: () => Promise.reject(new Error('away')),
      lastGood: fileMemory(path),
    }
    const before = clientOf({
      ...away,
      pollMs: 1,
      read: () => ({ snapshot: snapshotOf([stateFor(autoplay, { revision: 4 })]) }),
    })
    await before.ready()
    await before.close()
    expect(readdirSync(join(folder, 'nested'))).toEqual(['last-good.json'])

    const after = clientOf(away)
    expect(await after.ready()).toBe(true)
    expect(after.assign(autoplay, viewer('1'))).toMatchObject({ reason: 'assigned', revision: 4 })
    expect(after.status().leaseLeftMs).toBeLessThanOrEqual(30_000)
    await after.close()
  })

  it('remembers a new revision at once, and a renewal only when half of the lease is gone', async () => {
    const kept: number[] = []
    let states = [stateFor(autoplay)]
    const { client, clock } = clientOnTrial([autoplay], {
      source: {
        pollMs: 1_000,
        read: ({ tag }) => {
          const { revision } = states[0]!
          return tag === `${revision}`
            ? { validForMs: 30_000 }
            : { snapshot: snapshotOf(states), tag: `${revision}` }
        },
        lastGood: { recall: async () => null, keep: async () => void kept.push(clock.monotonic()) },
      },
    })
    await clock.advance(60_000)
    expect(kept).toEqual([0, 15_000, 30_000, 45_000, 60_000])
    states = [stateFor(autoplay, { revision: 2 })]
    await clock.advance(1_000)
    expect(kept.at(-1)).toBe(61_000)
    await client.close()
  })

  it('that cannot be read or written is told, and stops nothing', async () => {
    const path = fresh()
    writeFileSync(path, '{"schema":')
    const blocked = fileMemory(join(path, 'below-a-file.json'))
    const torn = fileMemory(path)
    const { client, clock, errors } = clientOnTrial([autoplay], {
      source: {
        pollMs: 1_000,
        read: () => ({ snapshot: snapshotOf([stateFor(autoplay)]) }),
        lastGood: { recall: () => torn.recall(), keep: (snapshot) => blocked.keep(snapshot) },
      },
    })
    await eventually(() => client.status().revision === 1)
    await eventually(() => errors.length === 2)
    expect(errors.map(String)).toEqual([
      expect.stringContaining(`${path}:1:`),
      expect.stringContaining('cannot be kept'),
    ])
    await clock.advance(0)
    expect(client.assign(autoplay, viewer('1')).reason).toBe('assigned')
    expect(statSync(path).size).toBe(10)
  })
})
