import { describe, expect, it } from 'vitest'
import { autoplay, viewer } from '../test/autoplay.ts'
import { givenSnapshot } from './given-snapshot.ts'
import { clientOnTrial, snapshotOf, stateFor, stateSourceContract } from './testing/index.ts'

const first = snapshotOf([stateFor(autoplay)])
const next = snapshotOf([stateFor(autoplay, { revision: 2 })])

describe('givenSnapshot', () => {
  const contract = stateSourceContract(first, next, () => {
    const source = givenSnapshot(first)
    return { source, publish: (snapshot) => source.give(snapshot) }
  })
  for (const { title, check } of contract) it(`keeps the contract: ${title}`, check)

  it('is in force when createClient and give return', () => {
    const { client, source } = clientOnTrial([autoplay])
    expect(client.assign(autoplay, viewer('1')).revision).toBe(1)
    source.give(next)
    source.give(snapshotOf([stateFor(autoplay, { revision: 3 })]))
    expect(client.assign(autoplay, viewer('1')).revision).toBe(3)
  })

  it('is on a lease, which giving it again renews', async () => {
    const { client, clock, source } = clientOnTrial([autoplay])
    await clock.advance(29_000)
    source.give(first)
    await clock.advance(29_000)
    expect(client.assign(autoplay, viewer('1')).reason).toBe('assigned')
    await clock.advance(1_000)
    expect(client.assign(autoplay, viewer('1')).reason).toBe('stale-state')
  })

  it('refuses what is no snapshot', () => {
    expect(() => givenSnapshot({ ...first, states: undefined } as never)).toThrow(
      'states is undefined, not an array',
    )
  })
})
