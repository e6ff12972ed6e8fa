import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, hashUtf8 } from '@fairtrial/assignment'
import { parseLogEvent, type UnitEvent } from '@fairtrial/protocol'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
import { autoplay, viewer } from '../test/autoplay.ts'
import { clientOnTrial } from './testing/index.ts'

const KEY = 'a key of well over sixteen bytes'
const pseudonymOf = pseudonymizer(KEY)
const hmac = { policy: 'hmac', pseudonymOf } as const
const SECRETS = ['ada.lovelace@example.org', 'tok_51HsecretZZ', 'žluťoučký-kůň']

describe('a client whose units go by pseudonyms', () => {
  it('assigns by the pseudonym, so that a log replays without the key', async () => {
    const { client, sink } = clientOnTrial([autoplay], { unitIds: hmac })
    for (let i = 0; i < 50; i++) client.expose(client.assign(autoplay, viewer(`viewer-${i}`)))
    await client.close()
    const exposures = sink.events().filter((event) => event.schema === 'fairtrial.exposure/1')
    expect(new Set(exposures.map(({ unitId }) => unitId))).toEqual(
      new Set(Array.from({ length: 50 }, (_, i) => pseudonymOf(`viewer-${i}`))),
    )
    for (const { unitId, bucket, seed } of exposures) expect(bucketOf(hashUtf8(unitId, seed))).toBe(bucket)
  })

  it('assigns, previews and tracks one unit, by its id or by its pseudonym', async () => {
    const { client, sink } = clientOnTrial([autoplay], { unitIds: hmac })
    const arm = client.assign(autoplay, viewer('ada'))
    expect(arm.unitId).toBe(pseudonymOf('ada'))
    expect(client.preview(autoplay, viewer('ada'))).toEqual(arm)
    expect(client.assign(autoplay, viewer(arm.unitId!))).toEqual(arm)
    client.expose(arm)
    client.track({ name: 'watched', ...viewer('ada') })
    client.track({ name: 'watched', ...viewer(arm.unitId!) })
    await client.close()
    const units = (sink.events() as UnitEvent[]).map(({ unitId }) => unitId)
    expect(units.filter((unitId) => unitId !== undefined)).toEqual(Array(3).fill(pseudonymOf('ada')))
  })

  it('draws other arms under another key', () => {
    const under = (key: string) => {
      const { client } = clientOnTrial([autoplay], {
        unitIds: { policy: 'hmac', pseudonymOf: pseudonymizer(key) },
      })
      return Array.from({ length: 200 }, (_, i) => client.preview(autoplay, viewer(`${i}`)).variant)
    }
    const [one, other] = [under(KEY), under(`${KEY} the second`)]
    const moved = one.filter((variant, i) => variant !== other[i]).length
    expect(moved).toBeGreaterThan(60)
    expect(under(KEY)).toEqual(one)
  })

  it('knows as little of a unit without a usable id as any client, and says why in the same words', () => {
    const raw = clientOnTrial([autoplay])
    const keyed = clientOnTrial([autoplay], { unitIds: hmac })
    const ids = ['', undefined, null, 7, {}, 'a\ud800', 'x'.repeat(1025), '€'.repeat(342), '€'.repeat(341)]
    for (const unitId of ids) {
      const unit = { unitType: 'viewer', unitId } as never
      expect(keyed.client.assign(autoplay, unit).reason).toBe(raw.client.assign(autoplay, unit).reason)
    }
    expect(keyed.errors).toEqual([])
    const thrower = {
      get unitId(): string {
        throw new Error('no')
      },
    }
    for (const unit of [undefined, null, thrower]) {
      expect(keyed.client.assign(autoplay, unit as never)).toMatchObject({ reason: 'no-unit-id' })
    }
    const coercing = clientOnTrial([autoplay], { unitIds: hmac, coerceUnitId: 'string-number' })
    expect(coercing.client.assign(autoplay, viewer(7 as never)).unitId).toBe(pseudonymOf('7'))
  })

  it('records nothing of an outcome whose unit has no pseudonym', async () => {
    const { client, sink } = clientOnTrial([autoplay], { unitIds: hmac })
    for (const unitId of ['a\ud800', 'x'.repeat(1025), '', 7]) {
      client.track({ name: 'watched', unitType: 'viewer', unitId: unitId as string })
    }
    const { outcomes } = await client.close()
    expect(outcomes).toMatchObject({ offered: 4, delivered: 0, dropped: { invalid: 4 } })
    expect(sink.events().filter(({ schema }) => schema === 'fairtrial.outcome/1')).toEqual([])
  })

  it('refuses a pseudonym of another key, and tells so once', () => {
    const { client, errors } = clientOnTrial([autoplay], { unitIds: hmac })
    const foreign = pseudonymizer(`${KEY} the second`)('ada')
    for (let i = 0; i < 3; i++) {
      expect(client.assign(autoplay, viewer(foreign))).toMatchObject({ reason: 'invalid-unit-id' })
    }
    expect(errors.map(String)).toEqual([expect.stringContaining('pseudonym of a unit under the key')])
  })

  it('drops an arm that was made from a raw id elsewhere, and tells so without naming it', async () => {
    const { client, sink, errors } = clientOnTrial([autoplay], { unitIds: hmac })
    const elsewhere = clientOnTrial([autoplay]).client.assign(autoplay, viewer(SECRETS[0]!))
    client.expose(elsewhere)
    expect((await client.close()).exposures.dropped.invalid).toBe(1)
    expect(errors.map(String)).toEqual([expect.stringContaining('raw unit id')])
    expect(JSON.stringify([sink.events(), errors.map(String)])).not.toContain(SECRETS[0])
  })

  it('FAULTS 40: writes a raw id nowhere: no line, no error, no report, no status', async () => {
    const parts = {
      unitIds: hmac,
      overrides: { autoplay: { [SECRETS[0]!]: 'treatment' } },
    }
    const { client, sink, errors, reports, clock } = clientOnTrial([autoplay], parts)
    const refusals: string[] = []
    for (const secret of SECRETS) {
      const unit = viewer(secret)
      client.expose(client.assign(autoplay, unit))
      client.expose(client.assign(autoplay, viewer('another'), { assignedAs: secret }))
      client.track({ name: 'watched', ...unit })
      client.track({ name: 'watched', unitType: 'viewer', unitId: `${secret}\ud800` })
      client.assign(autoplay, viewer(`${secret}\ud800`))
      client.assign(autoplay, { unitType: secret, unitId: secret } as never)
      client.assign({ key: 'unknown' } as never, unit)
      refusals.push(refusalOf(() => client.override('autoplay', secret, 'gone')))
    }
    await clock.advance(120_000)
    await client.close()
    expect(refusals[0]).toContain('there is no such')
    const text = [
      JSON.stringify([sink.events(), reports, client.status()]),
      ...errors.map((error) => `${error}${error.stack}`),
      ...refusals,
    ].join()
    for (const secret of SECRETS) expect(text).not.toContain(secret)
    expect(text).toContain(pseudonymOf(SECRETS[0]!))
    for (const event of sink.events()) expect(parseLogEvent(JSON.stringify(event))).toBeDefined()
  })

  it('remembers a bounded number of ids, and is right about the forgotten ones too', () => {
    let made = 0
    const counting = (unitId: string) => {
      made += 1
      return pseudonymOf(unitId)
    }
    const { client } = clientOnTrial([autoplay], { unitIds: { policy: 'hmac', pseudonymOf: counting } })
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 100; i++) client.preview(autoplay, viewer(`${i}`))
    }
    expect(made).toBe(100)
    for (let i = 0; i < 20_000; i++) client.preview(autoplay, viewer(`other-${i}`))
    expect(client.preview(autoplay, viewer('1')).unitId).toBe(pseudonymOf('1'))
    expect(made).toBe(20_101)
  })

  it('never throws, whatever is thrown by who makes the pseudonyms', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const throws = () => {
          throw thrown
        }
        const { client } = clientOnTrial([autoplay], { unitIds: { policy: 'hmac', pseudonymOf: throws } })
        expect(client.assign(autoplay, viewer('ada')).reason).toBe('invalid-unit-id')
      }),
      { numRuns: 20 },
    )
  })

  it('refuses a policy that is none', () => {
    for (const unitIds of [{ policy: 'hmac' }, { policy: 'md5' }, {}]) {
      expect(() => clientOnTrial([autoplay], { unitIds: unitIds as never })).toThrow(
        /unitIds names no policy/,
      )
    }
  })
})

function refusalOf(action: () => void): string {
  try {
    action()
    return ''
  } catch (error) {
    return String(error)
  }
}
