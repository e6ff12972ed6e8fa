import type { Audit } from '../audit.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { severityOf, type Tolerance } from '../tolerance.ts'
import { sayCount, sayShare } from '../words.ts'

/**
 * Unit ids made with more than one key in one phase, or with a key and without. A new key is a new salt: whoever was
 * there before is another unit now, in an arm drawn anew.
 */
export function pseudonymKeysFinding({ keys, phase: audited }: Audit, tolerance: Tolerance): Found[] {
  const mixed = [...keys]
    .filter(([phase, { units }]) => (audited === null || phase === audited) && units.size > 1)
    .map(([phase, { units }]) => {
      const all = sum([...units.values()])
      return { phase, units, share: 1 - Math.max(...units.values()) / all }
    })
    .toSorted((a, b) => b.share - a.share)
  const [worst] = mixed
  if (worst === undefined) return []
  const { phase, units, share } = worst
  const told = [...units]
    .toSorted(([, a], [, b]) => b - a)
    .map(([key, count]) => `${sayCount(count, 'unit')} ${key === '' ? 'without a key' : `by ${key}`}`)
  return [
    {
      code: 'pseudonym-keys',
      severity: severityOf(share, tolerance),
      detail: `Unit ids of phase ${phase} are made with more than one key: ${told.slice(0, 4).join(', ')} (${sayShare(share)} not by the first).`,
      remedy:
        'A new key is a new salt: a person has another id now, counts as another unit, and may be in another arm. Give every service one key, and open a new phase with a new one.',
      evidence: {
        phase,
        share,
        units: Object.fromEntries([...units].map(([key, count]) => [key || 'none', count])),
      },
    },
  ]
}
