import { defineExperiment } from '@fairtrial/protocol'
import type { AuditReport, ExposureEvent, Finding, InputWatch, JsonScalar } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { found } from '../../test/audited.ts'
import reference from '../../test/reference/inputs.json' with { type: 'json' }
import { definition, isExposure, MINUTE, seeded, START, syntheticLog } from '../../test/synthetic-log.ts'
import { createAudit, foldAudit } from '../audit.ts'
import { contingencyP } from '../disparity.ts'
import { compareInputs } from '../input-comparison.ts'
import { audit, auditReport } from '../report.ts'

const HOUR = 60 * MINUTE
const PLATFORM = { type: 'text', reference: { phone: 0.5, tv: 0.3, web: 0.2 } } as const
const TENURE = { type: 'number', edges: [10, 20, 50], reference: [0.2, 0.3, 0.4, 0.1] } as const

type Inputs = { readonly [feature: string]: InputWatch }
type Features = { readonly [feature: string]: JsonScalar }
/** What a unit's features are, by a number drawn in [0, 1). */
type Draw = (event: ExposureEvent, drawn: number, i: number) => Features | undefined

const platformAt = (drawn: number) => (drawn < 0.5 ? 'phone' : drawn < 0.8 ? 'tv' : 'web')

const watching = (inputs: Inputs) => defineExperiment({ ...definition, inputs })

/** Exposures of half an hour, with what each unit was. */
function exposures(inputs: Inputs, draw: Draw, units = 4_000, seed = 1): readonly ExposureEvent[] {
  const random = seeded(seed + 100)
  const log = syntheticLog({ of: watching(inputs), units, seed, outcomes: false }).filter(isExposure)
  return log.map((event, i) => {
    const features = draw(event, random(), i)
    return features === undefined ? event : { ...event, context: { schemaVersion: '1', features } }
  })
}

const reportOn = (inputs: Inputs, events: readonly ExposureEvent[], asOf = START + 31 * MINUTE) =>
  audit(watching(inputs), events, { asOf })
const read = (inputs: Inputs, draw: Draw, units?: number) => reportOn(inputs, exposures(inputs, draw, units))
/** What it says of inputs. */
const told = (report: AuditReport) => report.findings.filter(({ code }) => code.startsWith('input-'))
const evidenceOf = (finding: Finding | undefined) => finding?.evidence as { readonly [field: string]: any }

describe('inputs', () => {
  const healthy: Draw = (_, drawn) => ({
    platform: platformAt(drawn),
    tenure: drawn < 0.2 ? 5 : drawn < 0.5 ? 10 : drawn < 0.9 ? 49 : 50,
  })

  it('say nothing where arms are alike, and as they were', () => {
    expect(told(read({ platform: PLATFORM, tenure: TENURE }, healthy))).toEqual([])
  })

  it('are none of the business of a plan that watches none', () => {
    expect(told(read({}, () => ({ platform: 'fridge' })))).toEqual([])
  })

  it('break the audit where no unit carries one, as soon as that is no accident', () => {
    const silent = read({ platform: PLATFORM }, () => undefined, 100)
    expect(found(silent, 'input-drift')).toMatchObject({
      severity: 'broken',
      detail: 'None of 100 exposed units carries the input platform, which is watched.',
      evidence: { feature: 'platform', action: 'hold' },
    })
    expect(told(read({ platform: { type: 'text' } }, () => undefined, 99))).toEqual([])
    expect(
      found(
        read({ platform: { type: 'text', action: 'warn' } }, () => ({ platform: null })),
        'input-drift',
      ),
    ).toMatchObject({ severity: 'caution' })
  })

  it('agree with scipy to 1e-9', () => {
    for (const { counts, reference: shares, ...expected } of reference.cases) {
      const units = counts.reduce((total, count) => total + count, 0)
      const labels = ['(missing)', '(others)', ...counts.map(String)]
      const before = [0, 0, ...shares.map((share) => share * units)]
      const compared = compareInputs(labels, [0, 0, ...counts], before)
      for (const [name, value] of Object.entries(expected))
        expect((compared as any)[name], name).toBeCloseTo(value, 9)
    }
    for (const { rows, pValue } of reference.tables) expect(contingencyP(rows)! / pValue).toBeCloseTo(1, 9)
  })
})

describe('an input that differs between arms', () => {
  /** In the model, a tenth of phones are told as tablets. */
  const renamed: Draw = ({ variant }, drawn) => ({
    platform: variant === 'model' && drawn < 0.05 ? 'tablet' : platformAt(drawn),
  })
  const unreferenced = { type: 'text' } as const

  it('breaks the audit, and is told by its value, arm and feature', () => {
    const report = read({ platform: unreferenced }, renamed)
    const finding = found(report, 'input-imbalance')
    expect(report.verdict).toBe('broken')
    expect(finding).toMatchObject({
      severity: 'broken',
      biasesEffect: 'likely',
      evidence: { feature: 'platform', action: 'hold', window: 'phase', variant: 'model' },
    })
    expect(finding!.detail).toMatch(
      /^Input platform differs between arms: (tablet 0|phone \d+\.\d) % in control, \d+\.?\d* % in model; Jensen–Shannon divergence 0\.0\d+ bits; p \d/,
    )
    expect(evidenceOf(finding)['values'].tablet).toEqual({ control: 0, model: expect.closeTo(0.05, 1) })
    expect(finding!.size).toBeCloseTo(0.05, 1)
    expect(told(report)).toHaveLength(1)
  })

  it('only cautions where it is only to warn', () => {
    const report = read({ platform: { ...unreferenced, action: 'warn' } }, renamed)
    expect(found(report, 'input-imbalance')).toMatchObject({
      severity: 'caution',
      evidence: { action: 'warn' },
    })
  })

  it('is seen where it is missing in one arm, and where all values are a little off', () => {
    const lost: Draw = ({ variant }, drawn) => (variant === 'control' ? { tenure: 100 * drawn } : undefined)
    expect(
      evidenceOf(found(read({ tenure: { ...TENURE, action: 'abort' } }, lost), 'input-imbalance')),
    ).toMatchObject({
      action: 'abort',
      values: { '(missing)': { control: 0, model: 1 } },
    })
    const edges = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    const shifted: Draw = ({ variant }, drawn) => ({
      tenure: 100 * drawn ** (variant === 'model' ? 1.25 : 1),
    })
    expect(found(read({ tenure: { type: 'number', edges } }, shifted), 'input-imbalance')).toBeDefined()
  })

  it('is not told again where an arm loses exposures whatever the input is', () => {
    const events = exposures({ platform: unreferenced }, (_, drawn) => ({ platform: platformAt(drawn) }))
    const random = seeded(9)
    const report = reportOn(
      { platform: unreferenced },
      events.filter(({ variant }) => variant === 'control' || random() < 0.7),
    )
    expect(found(report, 'sample-ratio')).toMatchObject({ severity: 'broken' })
    expect(found(report, 'input-imbalance')).toBeUndefined()
  })

  it('is not tested where units come by clusters, nor where nearly all are in one bin', () => {
    const cluster = { unitType: 'household', attribute: 'household' }
    const inputs = { platform: unreferenced }
    const clustered = defineExperiment({ ...definition, inputs, cluster })
    const events = exposures(inputs, renamed).map((event) => ({
      ...event,
      fingerprint: clustered.fingerprint,
    }))
    expect(found(audit(clustered, events, { asOf: START + 31 * MINUTE }), 'input-imbalance')).toBeUndefined()
    const few: Draw = ({ variant }, _, i) => ({ platform: variant === 'model' && i < 6 ? 'tablet' : 'phone' })
    expect(told(read(inputs, few))).toEqual([])
  })
})

describe('an input that has drifted from its reference', () => {
  /** More phones than there were, by this much of all units. */
  const more =
    (share: number): Draw =>
    (_, drawn) => ({ platform: drawn > 1 - share ? 'phone' : platformAt(drawn / (1 - share)) })

  it('breaks the audit when the index is above what the plan allows', () => {
    const finding = found(read({ platform: PLATFORM }, more(0.5)), 'input-drift')
    expect(finding).toMatchObject({
      severity: 'broken',
      biasesEffect: 'no',
      evidence: { feature: 'platform', action: 'hold', maximumPsi: 0.2, window: 'phase', units: 4_000 },
    })
    expect(finding!.detail).toMatch(
      /^Input platform has drifted from its reference: population stability index 0\.2\d+ over 4,000 units, 0.2 is allowed; most at phone with 7\d\.?\d* % instead of 50 %; p \d/,
    )
    expect(finding!.evidence).not.toHaveProperty('kolmogorovSmirnov')
    expect(told(read({ platform: PLATFORM }, more(0.4)))).toEqual([])
    expect(
      found(read({ platform: { ...PLATFORM, maximumPsi: 0.1 } }, more(0.4)), 'input-drift'),
    ).toBeDefined()
    expect(
      found(read({ platform: { ...PLATFORM, action: 'warn' } }, more(0.5)), 'input-drift'),
    ).toMatchObject({
      severity: 'caution',
    })
  })

  it('is seen in values that are new, missing, or of another type', () => {
    const drift = (input: InputWatch, value: JsonScalar) =>
      evidenceOf(
        found(
          read({ it: input }, (_, drawn, i) => ({
            it: i % 4 ? value : input.type === 'text' ? platformAt(drawn) : 100 * drawn,
          })),
          'input-drift',
        ),
      )['values']
    expect(drift(PLATFORM, 'fridge')['(others)']).toEqual({ reference: 0, observed: 0.75 })
    expect(drift(PLATFORM, null)['(missing)']).toEqual({ reference: 0, observed: 0.75 })
    expect(drift(TENURE, '12')['(others)']).toEqual({ reference: 0, observed: 0.75 })
    expect(drift(TENURE, 20)['20 to 50']).toMatchObject({ reference: 0.4 })
    expect(drift(TENURE, -1)['below 10'].observed).toBeGreaterThan(0.75)
    expect(drift(TENURE, 50)['50 and above'].observed).toBeGreaterThan(0.75)
    expect(
      drift({ type: 'text', reference: { '(missing)': 0.9, tv: 0.1 } }, 'tv')['(missing)'],
    ).toMatchObject({ reference: 0.9 })
  })

  it('of numbers tells the distance of the distribution functions', () => {
    const shifted = read({ tenure: TENURE }, (_, drawn) => ({ tenure: drawn < 0.7 ? 5 : 60 }))
    const [observed] = [evidenceOf(found(shifted, 'input-drift'))]
    expect(observed['kolmogorovSmirnov']).toBeCloseTo(0.5, 1)
    expect(observed['jensenShannon']).toBeGreaterThan(0.3)
  })

  it('is told of the first units that are enough, and not of what chance makes of few', () => {
    const first = (units: number) => told(read({ platform: PLATFORM }, () => ({ platform: 'web' }), units))
    expect(first(3)).toEqual([])
    expect(first(30)).toMatchObject([{ code: 'input-drift' }])
  })

  it('is seen when it comes late, after days of units that were as they should be', () => {
    const stretch = (from: number, until: number, platform: Draw, seed: number) =>
      exposures({ platform: PLATFORM }, platform, 4_000, seed).map((event, i) => {
        const exposedAt = START + from + ((until - from) * i) / 4_000
        return { ...event, exposedAt, receivedAt: exposedAt }
      })
    const calm = stretch(0, 96 * HOUR, more(0), 2)
    const storm = stretch(96 * HOUR, 98 * HOUR, () => ({ platform: 'web' }), 3).slice(0, 400)
    const inputs = { platform: PLATFORM }
    const at = START + 98 * HOUR
    expect(told(reportOn(inputs, calm, START + 96 * HOUR))).toEqual([])
    const seen = found(reportOn(inputs, [...calm, ...storm], at), 'input-drift')
    expect(seen).toMatchObject({ evidence: { window: 'last-day' } })
    expect(seen!.detail).toMatch(/over 1,\d+ units of the last day,/)
  })
})

describe('an input is counted', () => {
  const inputs = { it: { type: 'text' } } as const
  const counted = (events: readonly ExposureEvent[], portions = 1) => {
    const folded = createAudit(watching(inputs), { phase: 1 })
    const size = Math.ceil(events.length / portions)
    for (let i = 0; i < portions; i++) foldAudit(folded, events.slice(i * size, (i + 1) * size))
    auditReport(folded, { asOf: START + HOUR })
    const [{ bins, hours } = expect.fail('no input')] = folded.inputs
    const byLabel = new Map<string, number>()
    for (const counts of [...hours.values()].flat())
      counts?.forEach((count, bin) =>
        byLabel.set(bins.labels[bin]!, (byLabel.get(bins.labels[bin]!) ?? 0) + count),
      )
    return new Map([...byLabel].filter(([, count]) => count > 0))
  }
  const some = exposures(inputs, (_, __, i) => ({ it: `v${i % 3}` }), 300)

  it('once a unit, by its first exposure, in any order', () => {
    const again = some.map((event) => ({
      ...event,
      exposureId: `${event.exposureId}-2`,
      sequence: event.sequence + 1_000,
      exposedAt: event.exposedAt + 2 * HOUR,
      context: { schemaVersion: '1', features: { it: 'later' } },
    }))
    const expected = new Map([
      ['v0', 100],
      ['v1', 100],
      ['v2', 100],
    ])
    expect(counted([...some, ...again])).toEqual(expected)
    expect(counted([...again, ...some], 7)).toEqual(expected)
    expect(counted([...some, ...some])).toEqual(expected)
    expect(counted([...some, ...some.map((event) => ({ ...event, phase: 2 }))])).toEqual(expected)
  })

  it('by a hundred values and no more', () => {
    const many = counted(exposures(inputs, (_, __, i) => ({ it: i }), 150))
    expect(many.size).toBe(101)
    expect(many.get('(others)')).toBe(50)
  })

  it('whatever its value is called', () => {
    expect(counted(exposures(inputs, () => ({ it: '__proto__' }), 10))).toEqual(new Map([['__proto__', 10]]))
  })
})
