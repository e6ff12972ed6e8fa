import type { ExplainedAssignment, ExplainedStep, Unit, Variant } from '@fairtrial/protocol'
import { assign } from './assign.ts'
import { answer } from './condition.ts'
import { type Gate, isInside } from './gate.ts'
import { bucketOf, hashUtf8 } from './hash.ts'
import type { LoadedExperiment } from './loaded-experiment.ts'
import type { BucketRange } from '@fairtrial/protocol/buckets'

/**
 * The assignment of a unit with every step that led to it, up to the one at which it stopped. As total as `assign`,
 * but slow: it is for people.
 */
export function explain<V extends Variant>(loaded: LoadedExperiment<V>, unit: Unit): ExplainedAssignment {
  const assignment = assign(loaded, unit)
  const { reason, unitId } = assignment
  const name = JSON.stringify(unitId)
  const steps: ExplainedStep[] = []
  const told = { assignment, steps }
  /** Adds a step; true when the unit stops there, to be served what has shipped where something has. */
  const stopsAt = (step: ExplainedStep): boolean => {
    const goesOn = !step.passed && reason === 'shipped'
    steps.push({ ...step, passed: step.passed || goesOn })
    if (goesOn) steps.push(shippedStep(loaded))
    return !step.passed
  }

  if (unitId === null) {
    const detail =
      reason === 'no-unit-id'
        ? 'The unit has no id.'
        : `The unit id is not well-formed text of at most ${loaded.maximumUnitIdBytes} bytes in UTF-8.`
    steps.push({ step: 'unit', detail, passed: false })
    return told
  }
  const typed = reason !== 'wrong-unit-type'
  const question = `${name} is to be a ${loaded.unitType}`
  const typeDetail = typed
    ? `${question}, and is.`
    : `${question}, and is not: its type is missing or another.`
  if (stopsAt({ step: 'unit', detail: typeDetail, passed: typed })) return told
  if (stopsAt({ step: 'state', detail: stateDetail(loaded), passed: loaded.closed === null })) return told

  if (loaded.holdout.below > 0) {
    const drawn = draw(loaded.holdout.seed, unitId)
    const isInHoldout = isInside(loaded.holdout, drawn.bucket)
    const arms = `status-quo ${rangeText({ from: 0, below: loaded.statusQuoBelow })}, all-shipped ${rangeText({ from: loaded.statusQuoBelow, below: loaded.holdout.below })}`
    const detail = `The holdout is ${arms}; bucket ${drawn.bucket} is ${reason === 'held-out' ? 'held out' : 'not held out'}.`
    if (stopsAt({ step: 'holdout', detail, passed: !isInHoldout, ...drawn })) return told
  } else {
    steps.push({ step: 'holdout', detail: 'There is no holdout here.', passed: true })
  }
  if (!loaded.enrolls) {
    steps.push(shippedStep(loaded))
    return told
  }

  if (stopsAt(gateStep('layer', 'The slot in the layer', loaded.layer, unitId))) return told
  const eligible = loaded.eligibility === null || answer(loaded.eligibility, attributesOf(unit))
  const eligibility =
    loaded.eligibility === null
      ? 'Everybody is eligible.'
      : `The attributes given ${eligible ? 'meet' : 'do not meet'} the eligibility condition.`
  if (stopsAt({ step: 'eligibility', detail: eligibility, passed: eligible })) return told
  if (stopsAt(gateStep('traffic', 'The traffic enrolled now', loaded.traffic, unitId))) return told

  const drawn = draw(loaded.variant.seed, unitId)
  const arms = loaded.arms.map((arm) => `${arm.variant} ${rangeText(arm)}`).join(', ')
  const detail = `The arms are ${arms}; bucket ${drawn.bucket} is in ${assignment.variant}.`
  steps.push({ step: 'variant', detail, passed: true, ...drawn })
  return told
}

function shippedStep({ key, enrolls }: LoadedExperiment): ExplainedStep {
  const detail = enrolls
    ? `${key} has shipped and bakes: who is not enrolled is served what has shipped.`
    : `${key} has shipped: everybody is served what has shipped, and nobody is enrolled.`
  return { step: 'state', detail, passed: false }
}

/** Getters may throw: nothing about a unit is certain. */
function attributesOf(unit: Unit): unknown {
  try {
    return unit.attributes
  } catch {
    return undefined
  }
}

function stateDetail({ key, phase, revision, closed }: LoadedExperiment): string {
  if (closed === 'no-state') return `${key} has no state yet.`
  const state = `${key} is in phase ${phase}, revision ${revision}`
  if (closed === 'definition-mismatch') return `${state} of another definition than the one in hand.`
  return closed === null ? `${state}, open to units.` : `${state}, and was ${closed}.`
}

function gateStep(step: 'layer' | 'traffic', what: string, gate: Gate, unitId: string): ExplainedStep {
  if (!gate.decides) {
    const passed = gate.from < gate.below
    return { step, detail: `${what} is ${passed ? 'everybody' : 'nobody'}; no hash is needed.`, passed }
  }
  const drawn = draw(gate.seed, unitId)
  const passed = isInside(gate, drawn.bucket)
  const detail = `${what} is ${rangeText(gate)}; bucket ${drawn.bucket} is ${passed ? 'inside' : 'outside'}.`
  return { step, detail, passed, ...drawn }
}

function draw(seed: number, unitId: string): { seed: number; hash: number; bucket: number } {
  const hash = hashUtf8(unitId, seed)
  return { seed, hash, bucket: bucketOf(hash) }
}

function rangeText({ from, below }: BucketRange): string {
  return `[${from}, ${below})`
}
