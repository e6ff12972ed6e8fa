import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleExposure } from '@fairtrial/exposure/testing'
import { exposureTokens } from '@fairtrial/exposure/token'
import type { ExposureEvent } from '@fairtrial/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPlane, NDJSON } from '../test/local-plane.ts'
import { bearer, TOKENS, writeTokens } from '../test/tokens-file.ts'
import { experiment } from '../test/trial.ts'
import { takePublicExposures } from './public-exposures.ts'

const secret = 'a secret of at least thirty-two characters'
let directory: string
let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-public-'))
  const exposureSecretFile = join(directory, 'secret')
  await writeFile(exposureSecretFile, `${secret}\n`)
  const tokensFile = join(directory, 'tokens.json')
  await writeTokens(tokensFile)
  plane = await localPlane({ exposureSecretFile, tokensFile })
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
  await rm(directory, { recursive: true })
})

const exposureOf = (unitId: string, changes: Partial<ExposureEvent> = {}) =>
  sampleExposure({
    experiment: experiment.key,
    fingerprint: experiment.fingerprint,
    variant: 'new',
    unitId,
    exposureId: `of ${unitId}`,
    producerId: 'a page',
    ...changes,
  })
const tokenFor = (exposure: ExposureEvent, validForMs = 60_000, by = secret) =>
  exposureTokens({ secret: by, validForMs })({ ...exposure, treatmentVersion: null, reason: 'assigned' })

function signed(unitId: string): object {
  const exposure = exposureOf(unitId)
  return { ...exposure, token: tokenFor(exposure) }
}

const toEvent = (line: string) => JSON.parse(line) as ExposureEvent

async function send(lines: readonly object[]): Promise<unknown> {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  return (await plane.post('/v1/public/exposures', body, NDJSON)).json()
}

describe('POST /v1/public/exposures', () => {
  it('FAULTS 66: takes what a service has vouched for, once', async () => {
    const exposure = exposureOf('viewer-1')
    const line = { ...exposure, token: tokenFor(exposure) }
    expect(await send([line, line])).toEqual({ accepted: 1, duplicates: 1, rejected: [] })
    expect(await send([line])).toEqual({ accepted: 0, duplicates: 1, rejected: [] })
    await expect
      .poll(async () => (await plane.plane.view('home-row')).audit?.counts.exposures, { timeout: 20_000 })
      .toBe(1)
  })

  it('FAULTS 66: takes nothing that is forged, borrowed, old or unsigned', async () => {
    const mine = exposureOf('viewer-2')
    const token = tokenFor(mine)
    const lines = [
      mine,
      { ...mine, token: '' },
      { ...mine, token: tokenFor(mine, 60_000, `${secret}, but another`) },
      { ...exposureOf('viewer-3'), token },
      { ...mine, variant: 'old', token },
      { ...mine, phase: 2, token },
      { ...mine, token: tokenFor(mine, -1) },
      { ...mine, reason: 'overridden', token },
    ]
    expect(await send(lines)).toMatchObject({
      accepted: 0,
      rejected: lines.map((_, i) => ({ line: i + 1, code: 'untrusted-exposure' })),
    })
    expect(await send([{ ...mine, token }])).toMatchObject({ accepted: 1 })
  })

  it('FAULTS 66: does not let a page write as a service, or make the log look as if something were lost', async () => {
    const lines = ['viewer-4', 'viewer-5'].map((unitId) => {
      const exposure = exposureOf(unitId, { producerId: 'service-1', sequence: 900, armSequence: 900 })
      return { ...exposure, token: tokenFor(exposure) }
    })
    expect(await send(lines)).toMatchObject({ accepted: 2 })
    const ofService = exposureOf('viewer-6', { producerId: 'service-1', sequence: 900 })
    const trusted = await plane.post('/v1/exposures', `${JSON.stringify(ofService)}\n`, {
      ...NDJSON,
      ...bearer(TOKENS.service),
    })
    expect(await trusted.json()).toMatchObject({ accepted: 1, duplicates: 0 })
  })

  it('FAULTS 66: lets nobody without a token of a service write what is not vouched for', async () => {
    const line = `${JSON.stringify(exposureOf('viewer-7'))}\n`
    for (const path of ['/v1/exposures', '/v1/events']) {
      expect((await plane.post(path, line, NDJSON)).status).toBe(401)
    }
  })

  it.each([100, 3_000, 20_000])(
    'FAULTS 67: takes nothing %d deep, nor loses a number by it',
    async (depth) => {
      const exposure = exposureOf(`viewer-of-${depth}`)
      const line = JSON.stringify({ ...exposure, token: tokenFor(exposure) })
      const deep = line.replace(/}$/, `,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`)
      const next = exposureOf(`viewer-after-${depth}`)
      const body = ['"', deep, JSON.stringify({ ...next, token: tokenFor(next) })].join('\n')
      const answer = await plane.post('/v1/public/exposures', body, NDJSON)
      expect([answer.status, await answer.json()]).toMatchObject([
        200,
        { accepted: 1, rejected: [{ line: 1 }, { line: 2, detail: 'nested too deeply' }] },
      ])
    },
  )

  it('FAULTS 66: gives the number of what is not written to what comes next', async () => {
    const written: ExposureEvent[] = []
    const take = takePublicExposures({
      secret,
      now: Date.now,
      ingest: async (body) => {
        const events = Buffer.from(body).toString().trim().split('\n').map(toEvent)
        const isGood = ({ unitId }: ExposureEvent) => unitId !== 'bad'
        written.push(...events.filter(isGood))
        const rejected = events.flatMap((event, i) =>
          isGood(event) ? [] : [{ line: i + 1, code: 'invalid-event', detail: 'bad' }],
        )
        return { accepted: events.length - rejected.length, duplicates: 0, rejected }
      },
    })
    const bodyOf = (...units: readonly string[]) =>
      Buffer.from(units.map((unit) => JSON.stringify(signed(unit))).join('\n'))
    expect(await take(bodyOf('bad', 'good-1', 'good-2'))).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: [{ line: 1, code: 'invalid-event', detail: 'bad' }],
    })
    await take(bodyOf('good-3', 'good-4'))
    expect(written.map(({ sequence }) => sequence)).toEqual([2, 3, 1, 4])
  })

  it('is not there without a secret, and does not begin with one that could be guessed', async () => {
    const without = await localPlane()
    try {
      expect((await without.post('/v1/public/exposures', '', NDJSON)).status).toBe(404)
    } finally {
      await without.close()
      await without.remove()
    }
    const exposureSecretFile = join(directory, 'short')
    await writeFile(exposureSecretFile, 'short')
    await expect(localPlane({ exposureSecretFile })).rejects.toMatchObject({ code: 'misconfigured' })
  })
})
