import { describe, expect, it } from 'vitest'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
import { autoplay, viewer } from '../test/autoplay.ts'
import { clientOnTrial, snapshotOf, stateFor } from './testing/index.ts'

const overrides = { autoplay: { ada: 'treatment', ben: 'control' } }

describe('overrides', () => {
  it('force the arms of some units, and leave all others alone', () => {
    const { client } = clientOnTrial([autoplay], { overrides })
    const { client: plain } = clientOnTrial([autoplay])
    expect(client.assign(autoplay, viewer('ada'))).toMatchObject({
      reason: 'overridden',
      variant: 'treatment',
      config: { delaySeconds: 5 },
      unitId: 'ada',
    })
    expect(client.preview(autoplay, viewer('ben'))).toMatchObject({
      reason: 'overridden',
      variant: 'control',
    })
    expect(client.assign(autoplay, viewer('cleo'))).toEqual(plain.assign(autoplay, viewer('cleo')))
  })

  it('are no assigned units', () => {
    const { client } = clientOnTrial([autoplay], { overrides })
    client.assign(autoplay, viewer('ada'))
    expect(client.status()).toMatchObject({ counters: { assigned: 0 }, reasons: { overridden: 1 } })
  })

  it('are set and taken back while the client runs', () => {
    const { client } = clientOnTrial([autoplay])
    const own = client.assign(autoplay, viewer('ada'))
    for (const variant of ['control', 'treatment']) {
      client.override('autoplay', 'ada', variant)
      expect(client.assign(autoplay, viewer('ada'))).toMatchObject({ reason: 'overridden', variant })
    }
    client.override('autoplay', 'ada', null)
    expect(client.assign(autoplay, viewer('ada'))).toEqual(own)
  })

  it('reach units by their pseudonyms too', () => {
    const pseudonymOf = pseudonymizer('a key of well over sixteen bytes')
    const unitIds = { policy: 'hmac', pseudonymOf } as const
    const { client } = clientOnTrial([autoplay], { unitIds, overrides })
    expect(client.assign(autoplay, viewer('ada'))).toMatchObject({
      reason: 'overridden',
      unitId: pseudonymOf('ada'),
    })
    client.override('autoplay', pseudonymOf('cleo'), 'control')
    expect(client.assign(autoplay, viewer('cleo'))).toMatchObject({ reason: 'overridden' })
  })

  it('outlive no abort, no lapsed lease and no close', async () => {
    const { client, source, clock } = clientOnTrial([autoplay], { overrides })
    const reason = () => client.assign(autoplay, viewer('ada')).reason
    await clock.advance(40_000)
    expect(reason()).toBe('stale-state')
    source.give(snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })]))
    expect(reason()).toBe('aborted')
    await client.close()
    expect(reason()).toBe('client-closed')
  })

  it('of an experiment, a variant or a unit that there is not are refused at once', () => {
    const refused = (overrides: object, message: RegExp) =>
      expect(() => clientOnTrial([autoplay], { overrides: overrides as never })).toThrow(message)
    refused({ autoply: { ada: 'treatment' } }, /"autoply", which is not among those/)
    refused({ autoplay: { ada: 'treatmant' } }, /"treatmant", and there is no such/)
    refused({ autoplay: { '': 'treatment' } }, /no usable unit id/)
  })
})

describe('assign from an earlier id', () => {
  const ids = Array.from({ length: 60 }, (_, i) => `anonymous-${i}`)

  it('gives the arm of that id to the unit, and tells from which it was computed', () => {
    const { client } = clientOnTrial([autoplay])
    for (const assignedAs of ids) {
      const before = client.assign(autoplay, viewer(assignedAs))
      const after = client.assign(autoplay, viewer('ada'), { assignedAs })
      expect(after).toEqual({ ...before, unitId: 'ada', assignedAs })
    }
  })

  it('is as it would be without, where there is nothing to go by', () => {
    const { client } = clientOnTrial([autoplay])
    const own = client.assign(autoplay, viewer('ada'))
    for (const assignedAs of ['ada', '', 'a\ud800', 7, null, undefined]) {
      expect(client.assign(autoplay, viewer('ada'), { assignedAs: assignedAs as never })).toEqual(own)
    }
    expect(client.assign(autoplay, viewer(''), { assignedAs: 'ada' }).reason).toBe('no-unit-id')
    expect(client.assign(autoplay, viewer('ada'), { variant: 'gone' })).toEqual(own)
  })

  it('reads a number as text where ids are read so, and tells the text', () => {
    const { client } = clientOnTrial([autoplay], { coerceUnitId: 'string-number' })
    const arm = client.assign(autoplay, viewer('ada'), { assignedAs: 7 as never })
    expect(arm).toEqual(client.assign(autoplay, viewer('ada'), { assignedAs: '7' }))
    expect(arm.assignedAs).toBe('7')
  })

  it('goes by pseudonyms as everything else', () => {
    const pseudonymOf = pseudonymizer('a key of well over sixteen bytes')
    const { client } = clientOnTrial([autoplay], { unitIds: { policy: 'hmac', pseudonymOf } })
    const arm = client.assign(autoplay, viewer('ada'), { assignedAs: 'cookie' })
    expect(arm).toMatchObject({ unitId: pseudonymOf('ada'), assignedAs: pseudonymOf('cookie') })
    expect(arm.variant).toBe(client.preview(autoplay, viewer('cookie')).variant)
  })
})
