import type { Bounds, FixedLook, MetricSummary } from '@fairtrial/protocol'
import {
  type Estimable,
  isEstimable,
  mannWhitneyOfCounts,
  type MannWhitneyTest,
  notEstimable,
} from '@fairtrial/statistics'
import { pick, positive } from './estimate.ts'

/** The arms compared by ranks at one look, where the units' values were kept. */
export function compareRanks(
  control: MetricSummary,
  treatment: MetricSummary,
  level: number,
): NonNullable<FixedLook['ranks']> {
  const test: Estimable<MannWhitneyTest> =
    control.histogram === undefined || treatment.histogram === undefined
      ? notEstimable(
          'not-applicable',
          'the values of the units were not kept: there are too many different ones',
        )
      : mannWhitneyOfCounts(control.histogram, treatment.histogram, { level })
  const interval = isEstimable(test) ? test.shiftInterval : test
  return {
    z: pick(test, ({ z }) => z),
    pValue: pick(test, ({ plain }) => positive(plain.pValue)),
    commonLanguageEffect: pick(test, ({ probabilityOfSuperiority }) => probabilityOfSuperiority),
    shift: pick(test, ({ shift }) => shift),
    shiftInterval: pick(interval, ({ lower, upper }): Bounds => [lower, upper]),
  }
}
