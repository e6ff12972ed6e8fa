import { describe, expect, it } from 'vitest'
import { sampleArm, sampleExposure } from '../testing/index.ts'
import { checkExposureToken, exposureTokens } from './exposure-token.ts'

const secret = 'a secret of at least thirty-two characters'
const now = 1_767_225_600_000
const exposure = sampleExposure()
const token = exposureTokens({ secret, validForMs: 1_000, now: () => now })(sampleArm()) ?? ''
const verdict = (given: unknown, changes = {}, at = now, by = secret) =>
  checkExposureToken(given, { ...exposure, ...changes }, { secret: by, now: at })

describe('an exposure token', () => {
  it('FAULTS 66: vouches for one arm of one unit, for a while', () => {
    expect(verdict(token)).toBe('genuine')
    expect(verdict(token, { exposedAt: 1, producerId: 'another' })).toBe('genuine')
    for (const changes of [
      { unitId: 'viewer-2' },
      { variant: 'popularity' },
      { experiment: 'another' },
      { phase: 2 },
      { unitType: 'device' },
      { fingerprint: 'f'.repeat(64) },
      // Where one field ends and the next begins is part of what is signed.
      { unitType: 'viewer","viewer', unitId: '1' },
    ]) {
      expect(verdict(token, changes), JSON.stringify(changes)).toBe('forged')
    }
    expect(verdict(token, {}, now + 999)).toBe('genuine')
    expect(verdict(token, {}, now + 1_000)).toBe('expired')
    expect(verdict(token.replace(/^\d+/, (expiry) => String(Number(expiry) + 1)))).toBe('forged')
    expect(verdict(token, {}, now, `${secret}!`)).toBe('forged')
  })

  it('is refused where it is none', () => {
    const [expiry, mac = ''] = token.split('.')
    for (const given of [
      undefined,
      null,
      7,
      '',
      '.',
      mac,
      `${expiry}.${mac}x`,
      `${expiry}.${mac.slice(1)}`,
      `x${token}`,
    ]) {
      expect(verdict(given)).toBe('malformed')
    }
  })

  it('is not issued for an arm that was not assigned, nor by a secret that could be guessed', () => {
    const issue = exposureTokens({ secret })
    for (const changes of [
      { reason: 'overridden' },
      { reason: 'not-enrolled', variant: null },
      { reason: 'no-unit', unitId: null },
    ]) {
      expect(issue(sampleArm(changes as never))).toBeNull()
    }
    for (const short of ['', 'x'.repeat(31), undefined]) {
      expect(() => exposureTokens({ secret: short as string })).toThrow('at least 32 characters')
    }
  })
})
