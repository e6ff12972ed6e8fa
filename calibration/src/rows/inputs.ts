import { assign, loadExperiment } from '@fairtrial/assignment'
import { auditReport, createAudit, foldAudit } from '@fairtrial/fidelity'
import type { ExposureEvent, FindingCode, JsonScalar } from '@fairtrial/protocol'
import { binnedDrift, isEstimable } from '@fairtrial/statistics'
import { type Count, shareAtLeast, shareAtMost, shareShown } from '../outcome.ts'
import type { Row, Setting } from '../row.ts'
import { trialOf } from '../trial.ts'

const source = 'Lindon & Malek 2022; Yurdakul 2018'

const PLATFORMS = { phone: 0.4, tv: 0.3, web: 0.2, tablet: 0.08, console: 0.02 } as const
const DECILES = [10, 20, 30, 40, 50, 60, 70, 80, 90] as const

/** Two inputs with their reference, whatever index is allowed. */
const trialAllowing = (maximumPsi: number) =>
  trialOf({
    inputs: {
      platform: { type: 'text', reference: PLATFORMS, maximumPsi },
      tenure: { type: 'number', edges: DECILES, reference: DECILES.map(() => 0.1).concat(0.1), maximumPsi },
    },
  })

const BEGIN = 1_700_000_000_000
/** Units come evenly, 720 a day. */
const APART = 120_000
const EVERY = 50

/** What a unit is, of its arm, its number and two draws. */
interface Stream {
  readonly units: number
  readonly platformOf?: (unit: Unit) => JsonScalar
  readonly tenureOf?: (unit: Unit) => JsonScalar
}

interface Unit {
  readonly i: number
  readonly variant: string
  readonly platform: string
  readonly tenure: number
  readonly drawn: number
}

/** A stream read every 50 units: the number of units when it was first told of; null where it never was. */
function firstTold(
  { random }: Setting,
  { units, platformOf = ({ platform }) => platform, tenureOf = ({ tenure }) => tenure }: Stream,
  { code, maximumPsi = 0.2 }: { readonly code: FindingCode; readonly maximumPsi?: number },
): number | null {
  const trial = trialAllowing(maximumPsi)
  const { key, fingerprint } = trial
  const state = {
    experiment: key,
    fingerprint,
    phase: 1,
    revision: 1,
    status: 'running',
    trafficPercent: 100,
  }
  const loaded = loadExperiment(trial, state as never)
  const folded = createAudit(trial, { phase: 1 })
  const run = Math.floor(random.uniform() * 2 ** 31)
  for (let from = 0; from < units; from += EVERY) {
    const events = Array.from({ length: EVERY }, (_, k): ExposureEvent => {
      const i = from + k
      const { reason: __, config: ___, ...arm } = assign(loaded, { unitType: 'unit', unitId: `${run}-${i}` })
      const unit = {
        i,
        variant: arm.variant!,
        platform: platformAt(random.uniform()),
        tenure: 100 * random.uniform(),
        drawn: random.uniform(),
      }
      const exposedAt = BEGIN + i * APART
      return {
        schema: 'fairtrial.exposure/1',
        exposureId: arm.unitId!,
        ...(arm as Pick<ExposureEvent, 'experiment' | 'unitId' | 'variant' | 'bucket' | 'propensity'>),
        fingerprint,
        phase: 1,
        revision: 1,
        unitType: 'unit',
        seed: arm.seed,
        reason: 'assigned',
        exposedAt,
        receivedAt: exposedAt,
        context: {
          schemaVersion: '1',
          features: { platform: platformOf(unit), tenure: tenureOf(unit) },
        },
        producerId: 'service',
        sequence: i + 1,
        sdk: 'calibration/1',
      }
    })
    foldAudit(folded, events)
    const { findings } = auditReport(folded, { asOf: BEGIN + (from + EVERY) * APART })
    if (findings.some((finding) => finding.code === code)) return from + EVERY
  }
  return null
}

function platformAt(drawn: number): string {
  let below = 0
  for (const [platform, share] of Object.entries(PLATFORMS)) if (drawn < (below += share)) return platform
  return 'console'
}

function countTold(
  setting: Setting,
  stream: Stream,
  told: Parameters<typeof firstTold>[2],
  isHit: (units: number) => boolean = () => true,
): Count {
  let hits = 0
  for (let i = 0; i < setting.trials; i++) {
    const units = firstTold(setting, stream, told)
    if (units !== null && isHit(units)) hits++
  }
  return { hits, trials: setting.trials }
}

const HEALTHY: Stream = { units: 2_000 }
const healthy = 'A stream of 2,000 units over three days that follows its references, read every 50 units'

const falseAlarms: readonly Row[] = [
  {
    name: 'inputs/healthy-drift',
    claim: `${healthy}: ever an input that has drifted`,
    source,
    trials: { full: 300, short: 5 },
    run: (setting) => shareAtMost(countTold(setting, HEALTHY, { code: 'input-drift' }), 0.001),
  },
  {
    name: 'inputs/healthy-drift-by-chance',
    claim: '… though any index beyond what chance makes of it is too much',
    source,
    trials: { full: 300, short: 5 },
    run: (setting) =>
      shareAtMost(countTold(setting, HEALTHY, { code: 'input-drift', maximumPsi: 1e-9 }), 0.001),
  },
  {
    name: 'inputs/healthy-imbalance',
    claim: '… ever an input that differs between arms',
    source,
    trials: { full: 300, short: 5 },
    run: (setting) => shareAtMost(countTold(setting, HEALTHY, { code: 'input-imbalance' }), 0.001),
  },
  {
    name: 'inputs/naive-index',
    claim: '… ever an index of deciles above 0.2, taken as it is',
    source: 'what peers do',
    trials: { full: 2_000, short: 20 },
    run: ({ random, trials }) => {
      let hits = 0
      for (let trial = 0; trial < trials; trial++) {
        const counts = [...DECILES, 100].map(() => 0)
        let isAbove = false
        for (let i = 1; i <= HEALTHY.units && !isAbove; i++) {
          counts[Math.floor(10 * random.uniform())]! += 1
          if (i % EVERY > 0) continue
          const drift = binnedDrift(
            counts.map(() => i / 10),
            counts,
          )
          isAbove = isEstimable(drift) && drift.psi > 0.2
        }
        if (isAbove) hits++
      }
      return shareShown({ hits, trials })
    },
  },
]

const shifted = ({ tenure, drawn }: Unit) => (drawn < 0.4 ? 5 : tenure)

const detections: readonly Row[] = [
  {
    name: 'inputs/drift',
    claim: 'Two fifths of units move to the lowest decile: drift is told within 200 units',
    source,
    trials: { full: 200, short: 5 },
    run: (setting) =>
      shareAtLeast(countTold(setting, { units: 200, tenureOf: shifted }, { code: 'input-drift' }), 0.99),
  },
  {
    name: 'inputs/late-drift',
    claim: '… after ten days of units that were as they should be: told within a day',
    source,
    trials: { full: 60, short: 2 },
    run: (setting) =>
      shareAtLeast(
        countTold(
          setting,
          { units: 7_920, tenureOf: (unit) => (unit.i < 7_200 ? unit.tenure : shifted(unit)) },
          { code: 'input-drift' },
          (units) => units > 7_200,
        ),
        0.99,
      ),
  },
  {
    name: 'inputs/imbalance',
    claim: 'One in twenty-five units of one arm lacks an input: told within 2,000 units',
    source,
    trials: { full: 200, short: 5 },
    run: (setting) =>
      shareAtLeast(
        countTold(
          setting,
          {
            units: 2_000,
            platformOf: ({ variant, drawn, platform }) =>
              variant === 'treatment' && drawn < 0.04 ? null : platform,
          },
          { code: 'input-imbalance' },
        ),
        0.99,
      ),
  },
]

/** The audit's inputs: how often a healthy stream alarms, and how soon a drift is told. */
export const inputRows: readonly Row[] = [...falseAlarms, ...detections]
