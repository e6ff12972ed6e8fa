import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exposureId } from './exposure-id.ts'

const part = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '\ud800') }),
)

describe('exposureId', () => {
  it.each([
    ['home-ranking', 1, 'control', 'viewer-1', 'meGKeENLADDLVUHl2_it1U'],
    ['home-ranking', 2, 'control', 'viewer-1', 'qj6bp-vXJ_tQdbZ_U5Jo5_'],
    ['home-ranking', 1, 'session-model', 'žluťoučký 😀', '7a-sHHcreAeurWj6ZDexsh'],
  ] as const)('of %s, %i, %s, %s is pinned', (experiment, phase, variant, unitId, id) => {
    expect(exposureId(experiment, phase, variant, unitId)).toBe(id)
  })

  it('is the beginning of SHA-256, in base64url', () => {
    fc.assert(
      fc.property(part, fc.nat(), part, part, (experiment, phase, variant, unitId) => {
        const text = JSON.stringify([experiment, phase, variant, unitId])
        const digest = createHash('sha256').update(text, 'utf8').digest('base64url')
        expect(exposureId(experiment, phase, variant, unitId)).toBe(digest.slice(0, 22))
      }),
    )
  })

  it('keeps apart what only looks alike when it is put side by side', () => {
    const ids = [
      exposureId('a', 1, 'b', 'c'),
      exposureId('a","b', 1, '', 'c'),
      exposureId('a', 1, 'b","c', ''),
      exposureId('a', 11, 'b', 'c'),
      exposureId('a', 1, '1b', 'c'),
      exposureId('', 1, 'ab', 'c'),
      exposureId('a', 1, 'bc', ''),
      exposureId('a', 1, 'b', 'é'),
      exposureId('a', 1, 'b', 'e\u0301'),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('gives a lone surrogate an id of its own, where UTF-8 would have none', () => {
    const lone = exposureId('a', 1, 'b', '\ud800')
    expect(lone).toMatch(/^[\w-]{22}$/)
    expect(new Set([lone, exposureId('a', 1, 'b', '\ud801'), exposureId('a', 1, 'b', '\\ud800')]).size).toBe(
      3,
    )
  })
})
