import type {
  ExperimentDefinition,
  Guardrail,
  GuardrailEvaluation,
  MetricSummary,
  Moments,
} from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { ones, summaryOf, trial, trialWithGuardrail } from '../../test/trial.ts'
import { evaluate } from '../evaluate.ts'

/** The verdict on `errors`, of which fewer are better. */
function guard(guardrail: Partial<Guardrail>, control: Moments, model: Moments): GuardrailEvaluation {
  const experiment = trialWithGuardrail(guardrail)
  const { metrics } = evaluate(experiment, summaryOf(experiment, { errors: { control, model } }))
  const { verdict, guardrail: evaluation } = metrics['errors']!.comparisons['model']!
  expect(verdict).toBe(evaluation!.verdict)
  return evaluation!
}

describe('a margin', () => {
  const absolute = { margin: { absolute: 0.1 } }
  const relative = { margin: { relative: 0.5 } }

  it.each([
    ['absolute', absolute],
    ['relative', relative],
  ])('is breached, kept, or open, %s', (_, guardrail) => {
    const control = ones(2_000, 10_000)
    expect(guard(guardrail, control, ones(4_000, 10_000)).verdict).toBe('breach')
    expect(guard(guardrail, control, ones(2_000, 10_000)).verdict).toBe('ok')
    expect(guard(guardrail, control, ones(3_050, 10_000)).verdict).toBe('unknown')
    // Better by more than the margin is no harm.
    expect(guard(guardrail, control, ones(10, 10_000)).verdict).toBe('ok')
  })

  it('says its numbers in one sentence, in the terms of the margin', () => {
    const control = ones(2_000, 10_000)
    expect(guard(relative, control, ones(4_000, 10_000)).detail).toBe(
      'between 86.24 and 115.3 % worse than control (90 % interval), wholly beyond the margin of 50 %.',
    )
    expect(guard(absolute, control, control).detail).toBe(
      'from 0.01746 better to 0.01746 worse than control (90 % interval), wholly inside the margin of 0.1.',
    )
  })

  it('is turned round for a metric that should grow', () => {
    const { metrics } = trial()
    const experiment = trial({
      metrics: { ...metrics, errors: { ...metrics['errors']!, direction: 'increase' } },
    } as Partial<ExperimentDefinition>)
    const verdict = (control: Moments, model: Moments) =>
      evaluate(experiment, summaryOf(experiment, { errors: { control, model } })).metrics['errors']!
        .comparisons['model']!.verdict
    expect(verdict(ones(4_000, 10_000), ones(2_000, 10_000))).toBe('breach')
    expect(verdict(ones(2_000, 10_000), ones(4_000, 10_000))).toBe('ok')
  })

  it('stays open until each arm has the units that its evidence needs, and says so', () => {
    const evidence = { minimumUnits: 500 }
    const few = guard({ evidence }, ones(0, 499), ones(400, 500))
    expect(few).toMatchObject({ verdict: 'unknown', action: 'abort', margin: { absolute: 0.05 } })
    expect(few.detail).toBe(
      'the smaller arm has 499 of the 500 units with a closed window (5s, and 1m more for what comes late) that its evidence needs.',
    )
    expect(guard({ evidence }, ones(0, 500), ones(400, 500)).verdict).toBe('breach')
  })

  it('FAULTS 44: stays open where the interval cannot be had, and says why', () => {
    const same = guard({}, ones(0, 500), ones(0, 500))
    expect(same.verdict).toBe('unknown')
    expect(same.detail).toContain('the interval cannot be had: no unit differs from another')
  })

  it('is breached relative to a control without a single error, too, but never kept', () => {
    const none = ones(0, 1_000)
    expect(guard(relative, none, ones(150, 1_000))).toMatchObject({
      verdict: 'breach',
      detail: expect.stringContaining("worse than control by more than 50 % of it, whatever control's mean"),
    })
    expect(guard(relative, none, ones(2, 1_000)).verdict).toBe('unknown')
    expect(guard(relative, ones(1, 1_000), none).verdict).toBe('unknown')
  })
})

describe('the words', () => {
  const sentence = (definition: object, margin: Guardrail['margin'], control: Moments, model: Moments) => {
    const { metrics } = trial()
    const experiment = trial({
      metrics: { ...metrics, errors: { ...metrics['errors'], ...definition } },
      guardrails: [{ metric: 'errors', margin, action: 'abort' }],
    } as Partial<ExperimentDefinition>)
    const { metrics: read } = evaluate(experiment, summaryOf(experiment, { errors: { control, model } }))
    return read['errors']!.comparisons['model']!.guardrail!.detail
  }
  const moments = (mean: number) => ({ n: 10_000, mean, m2: 1e9 })

  it('speak of points, seconds, and the unit that is declared', () => {
    expect(
      sentence({ type: 'proportion' }, { absolute: 0.01 }, ones(2_000, 10_000), ones(4_000, 10_000)),
    ).toBe(
      'between 18.05 and 21.95 points worse than control (90 % interval), wholly beyond the margin of 1 point.',
    )
    expect(sentence({ type: 'mean', unit: 'ms' }, { absolute: 250 }, moments(800), moments(2_400))).toBe(
      'between 1.586 and 1.614 s worse than control (90 % interval), wholly beyond the margin of 250 ms.',
    )
    expect(sentence({ type: 'mean', unit: 'rounds' }, { absolute: 30 }, moments(800), moments(700))).toBe(
      'between 86.19 and 113.8 rounds better than control (90 % interval), wholly inside the margin of 30 rounds.',
    )
  })
})

describe('a hard limit', () => {
  const hardLimit = { worst: 0.3, minimumUnits: 10 }
  const limitOf = (model: MetricSummary['current']) => {
    const experiment = trialWithGuardrail({ hardLimit })
    const summary = summaryOf(experiment, {})
    const arm: MetricSummary = { closed: { n: 0, mean: 0, m2: 0 }, current: model, missing: 0 }
    const metrics = { ...summary.metrics, errors: { ...summary.metrics['errors'], model: arm } }
    return evaluate(experiment, { ...summary, metrics }).metrics['errors']!.comparisons['model']!.guardrail!
  }

  it('FAULTS 60: acts on open units and small numbers, from its own minimum on; the verdict stays its own', () => {
    expect(limitOf(ones(9, 9)).hardLimit).toBeUndefined()
    expect(limitOf(ones(5, 12))).toMatchObject({
      verdict: 'unknown',
      hardLimit: { breached: true, worst: 0.3, units: 12, mean: 5 / 12 },
    })
    expect(limitOf(ones(3, 10)).hardLimit).toMatchObject({ breached: false })
  })

  it('waits for the window of what should happen: a unit exposed a moment ago has not failed to start', () => {
    const experiment = trialWithGuardrail({ hardLimit })
    const started = { ...experiment.metrics['errors']!, direction: 'increase' as const }
    const rising = { ...experiment, metrics: { ...experiment.metrics, errors: started } }
    const limitAt = (closed: Moments) => {
      const model: MetricSummary = { closed, current: ones(0, 50), missing: 0 }
      const summary = summaryOf(rising, {})
      const arms = { ...summary.metrics['errors'], model }
      return evaluate(rising, { ...summary, metrics: { ...summary.metrics, errors: arms } }).metrics[
        'errors'
      ]!.comparisons['model']!.guardrail!.hardLimit
    }
    expect(limitAt(ones(0, 9))).toBeUndefined()
    expect(limitAt(ones(1, 10))).toMatchObject({ breached: true, units: 10, mean: 0.1 })
  })
})
