import type { Audit } from '../audit.ts'
import { addTo, byArm, sayByArm, shareOf, zerosFor } from '../by-arm.ts'
import { disparityP, sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { armOf, type ProducerTrace } from '../producer-trace.ts'
import { isSettled, settledBefore } from '../producer-report.ts'
import { missingOf, newestOf } from '../sequence-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import { sayP } from '../words.ts'

/** At this p, a difference above what is tolerated is no accident of few events. */
const DIFFERENCE_ALPHA = 0.01

/** Exposures of one producer and arm: as many as were numbered, and those that never arrived. */
interface ArmLoss {
  readonly producerId: string
  readonly arm: number
  readonly numbered: number
  readonly missing: number
}

/**
 * Loss by arm: gaps in what producers number by arm, and what a producer's account says it has numbered beyond the last
 * that arrived. Loss that falls on all arms alike costs precision; loss that differs is taken for an effect.
 */
export function lossByArmFinding(audit: Audit, asOf: number, tolerance: Tolerance): Found[] {
  const { experiment } = audit
  const losses = lossesOf(audit, asOf)
  const [missing, numbered] = [zerosFor(experiment), zerosFor(experiment)]
  for (const loss of losses) {
    addTo(missing, loss.arm, loss.missing)
    addTo(numbered, loss.arm, loss.numbered)
  }
  const lost = sum(missing)
  const [worst] = losses.toSorted((a, b) => b.missing - a.missing)
  if (lost === 0 || worst === undefined) return []
  const rates = missing.map((count, arm) => shareOf(count, numbered[arm]))
  const difference = Math.max(...rates) - Math.min(...rates)
  const p = parityP(experiment, missing, numbered)
  const { severity, isOff } = parityOf(p)
  const isIntolerable =
    difference > tolerance.maximumLoss && (disparityP(missing, numbered) ?? 1) < DIFFERENCE_ALPHA
  const variant = experiment.variants[worst.arm]?.name ?? ''
  const differs = isOff || isIntolerable
  const told = p === null ? '' : `; p ${sayP(p)} that arms lose alike`
  return [
    {
      code: 'loss-by-arm',
      severity: isIntolerable || severity === 'broken' ? 'broken' : 'caution',
      detail: `Exposures that were numbered never arrived: ${sayByArm(experiment, missing, numbered)}${told}; most are ${variant}'s of ${worst.producerId}.`,
      size: lost / sum(numbered),
      biasesEffect: differs ? 'likely' : 'possible',
      remedy: differs
        ? `Do not read effects: what one arm loses looks like one. See what ${worst.producerId} does with an exposure of ${variant} after it was numbered: a crash, a full queue, a sink that refuses it.`
        : "Arms lose alike as far as can be seen, which costs precision only. See the producers' accounts of drops, and the way from their sinks to the log.",
      evidence: {
        missing: byArm(experiment, missing),
        numbered: byArm(experiment, numbered),
        rates: byArm(experiment, rates),
        difference,
        tolerated: tolerance.maximumLoss,
        pValue: p,
        worst: { producerId: worst.producerId, variant, missing: worst.missing, numbered: worst.numbered },
      },
    },
  ]
}

function lossesOf(audit: Audit, asOf: number): ArmLoss[] {
  return [...audit.producers].flatMap(([producerId, trace]) => {
    const tails = tailsOf(audit, trace, asOf)
    const arms = new Set([...trace.arms.keys(), ...tails.keys()])
    return [...arms].flatMap((key): ArmLoss[] => {
      const [phase, variant = ''] = splitArm(key)
      const arm = audit.armIndex.get(variant)
      if (arm === undefined || (audit.phase !== null && audit.phase !== phase)) return []
      const sequence = trace.arms.get(key)
      const newest = sequence === undefined ? 0 : newestOf(sequence)
      const tail = Math.max(0, (tails.get(key) ?? 0) - newest)
      const gaps = sequence === undefined ? 0 : missingOf(sequence, settledBefore(audit, asOf))
      return [{ producerId, arm, numbered: newest + tail, missing: gaps + tail }]
    })
  })
}

/** What the producer's account says it has numbered by arm; nothing where the rest may still come. */
function tailsOf(audit: Audit, { report }: ProducerTrace, asOf: number): Map<string, number> {
  if (report === null || !isSettled(report, audit, asOf)) return new Map()
  return new Map(
    report.arms
      .filter(({ experiment }) => experiment === audit.experiment.key)
      .map((arm) => [armOf(arm), arm.numbered]),
  )
}

function splitArm(key: string): readonly [phase: number, variant: string | undefined] {
  const slash = key.indexOf('/')
  return [Number(key.slice(0, slash)), key.slice(slash + 1)]
}
