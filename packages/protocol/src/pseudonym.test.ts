import { createHash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPseudonym, pseudonymizer } from './pseudonym.ts'

const KEY = 'a key of well over sixteen bytes'
const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())

/** By another implementation than ours. */
function referenceOf(key: Uint8Array | string, unitId: string): string {
  const keyId = createHash('sha256').update(key).digest('base64url').slice(0, 6)
  return `~${keyId}.${createHmac('sha256', key).update(unitId, 'utf8').digest('base64url').slice(0, 22)}`
}

describe('pseudonymizer', () => {
  it.each([
    ['viewer-1', '~mddwmO.4X0YCTb0N5Ce-OQ1lsp9bl'],
    ['žluťoučký 😀', '~mddwmO.CapkAWqwaPJVl7vkW5HpqO'],
  ])('the pseudonym of %s is pinned', (unitId, pseudonym) => {
    expect(pseudonymizer(KEY)(unitId)).toBe(pseudonym)
  })

  it('is the beginning of HMAC-SHA-256 by node:crypto, whatever the key and the id', () => {
    const keys = fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 200 }),
      wellFormed.map((text) => text + KEY),
    )
    fc.assert(
      fc.property(keys, wellFormed, (key, unitId) => {
        expect(pseudonymizer(key)(unitId)).toBe(referenceOf(key, unitId))
      }),
    )
  })

  it('of RFC 4231, case 6: with a key longer than a block', () => {
    const key = new Uint8Array(131).fill(0xaa)
    const hexOf = (pseudonym: string) => Buffer.from(pseudonym.slice(8), 'base64url').toString('hex')
    const text = 'Test Using Larger Than Block-Size Key - Hash Key First'
    expect(hexOf(pseudonymizer(key)(text))).toBe('60e431591ee0b67f0d8a26aacbf5b77f')
  })

  it('is its own pseudonym, and that of another key is refused without naming it', () => {
    fc.assert(
      fc.property(wellFormed, (unitId) => {
        const pseudonymOf = pseudonymizer(KEY)
        const pseudonym = pseudonymOf(unitId)
        expect(isPseudonym(pseudonym)).toBe(true)
        expect(pseudonymOf(pseudonym)).toBe(pseudonym)
        const other = pseudonymizer(`${KEY}!`)
        expect(() => other(pseudonym)).toThrow(/key here is/)
        expect(other(unitId)).not.toBe(pseudonym)
      }),
    )
  })

  it('takes an id for a pseudonym only by its whole form: any other that begins with ~ is turned', () => {
    const pseudonymOf = pseudonymizer(KEY)
    const pseudonym = pseudonymOf('ada')
    for (const raw of [
      '~',
      '~ada',
      pseudonym.slice(0, -1),
      `${pseudonym}x`,
      pseudonym.replace('.', ':'),
      `${pseudonym.slice(0, -1)}\n`,
    ]) {
      expect(isPseudonym(raw)).toBe(false)
      expect(pseudonymOf(raw)).toBe(referenceOf(KEY, raw))
    }
  })

  it('keeps a copy of the key, so that who wipes his own changes no pseudonym', () => {
    const key = new Uint8Array(32).fill(7)
    const pseudonymOf = pseudonymizer(key)
    const before = pseudonymOf('ada')
    key.fill(0)
    expect(pseudonymOf('ada')).toBe(before)
  })

  it('refuses short keys and ids that have no UTF-8, and tells neither', () => {
    for (const key of ['fifteen bytes !', new Uint8Array(15), '', 7, null, undefined, `${KEY}\ud800`]) {
      expect(() => pseudonymizer(key as never)).toThrow(/at least 16 bytes/)
    }
    for (const unitId of ['secret\ud800', 7, null, undefined, {}]) {
      let message = ''
      try {
        pseudonymizer(KEY)(unitId as never)
      } catch (error) {
        message = String(error)
      }
      expect(message).toContain('Pass a string of whole characters')
      expect(message).not.toContain('secret')
      expect(message).not.toContain(KEY)
    }
  })
})
