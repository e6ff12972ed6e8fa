import type { Audit } from '../audit.ts'
import { addTo, byArm, sayByArm, shareOf, zerosFor } from '../by-arm.ts'
import { disparityP, sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { armOf, lostOf, type ProducerTrace } from '../producer-trace.ts'
import { isSettled, settledBefore } from '../producer-report.ts'
import { missingOf, newestOf } from '../sequence-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import type { TraceTotals } from '../trace-totals.ts'
import { sayP } from '../words.ts'

/** At this p, a difference above what is tolerated is no accident of few events. */
const DIFFERENCE_ALPHA = 0.01

/** Exposures of one producer and arm. */
interface ArmLoss {
  readonly producerId: string
  readonly arm: number
  readonly numbered: number
  /** Of these, the ones that are not there. */
  readonly missing: number
  /** Of these, as many as the producer lacks in all: an exposure that came under another arm is not lost. */
  readonly lost: number
}

/**
 * Loss by arm: gaps in what producers number by arm, and what a producer's account says it has numbered beyond the last
 * that arrived. Loss that falls on all arms alike costs precision; loss that differs is taken for an effect.
 *
 * Exposures whose variant or definition was changed after they were numbered leave gaps as well. Where the audit tells of
 * such, only what is lost counts here.
 */
export function lossByArmFinding(
  audit: Audit,
  totals: TraceTotals,
  asOf: number,
  tolerance: Tolerance,
): Found[] {
  const { experiment, counts } = audit
  const isAltered = totals.mismatches + totals.unknownVariants + counts.foreignExposures > 0
  const losses = lossesOf(audit, asOf).map((loss) => (isAltered ? { ...loss, missing: loss.lost } : loss))
  const [missing, numbered] = [zerosFor(experiment), zerosFor(experiment)]
  for (const loss of losses) {
    addTo(missing, loss.arm, loss.missing)
    addTo(numbered, loss.arm, loss.numbered)
  }
  const [worst] = losses.toSorted((a, b) => b.missing - a.missing)
  if (sum(missing) === 0 || worst === undefined) return []
  const rates = missing.map((count, arm) => shareOf(count, numbered[arm]))
  const difference = Math.max(...rates) - Math.min(...rates)
  const p = parityP(experiment, missing, numbered)
  const { severity, isOff } = parityOf(p)
  const isIntolerable =
    difference > tolerance.maximumLoss && (disparityP(missing, numbered) ?? 1) < DIFFERENCE_ALPHA
  const variant = experiment.variants[worst.arm]?.name ?? ''
  const differs = isOff || isIntolerable
  const isMoved = losses.some((loss) => loss.lost < loss.missing)
  const what = isMoved
    ? 'Exposures that were numbered in an arm are not there, though their producers lack fewer in all'
    : 'Exposures that were numbered never arrived'
  const told = p === null ? '' : `; p ${sayP(p)} if arms lost alike`
  return [
    {
      code: 'loss-by-arm',
      severity: isIntolerable || severity === 'broken' ? 'broken' : 'caution',
      detail: `${what}: ${sayByArm(experiment, missing, numbered)}${told}; most are ${variant}'s of ${worst.producerId}.`,
      size: sum(missing) / sum(numbered),
      biasesEffect: differs ? 'likely' : 'possible',
      remedy: `${differs ? 'Do not read effects: what one arm loses looks like one. ' : ''}${
        isMoved ? MOVED : differs ? lossOf(worst.producerId, variant) : ALIKE
      }`,
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

const ALIKE =
  "Arms lose alike as far as can be seen, which costs precision only. See the producers' accounts of drops, and the way from their sinks to the log."
const MOVED = 'See what changes the phase or the experiment of an exposure after it was numbered.'

function lossOf(producerId: string, variant: string): string {
  return `See what ${producerId} does with an exposure of ${variant} after it was numbered: a crash, a full queue, a sink that refuses it.`
}

function lossesOf(audit: Audit, asOf: number): ArmLoss[] {
  const before = settledBefore(audit, asOf)
  return [...audit.producers].flatMap(([producerId, trace]) => {
    const tails = tailsOf(audit, trace, asOf)
    const keys = new Set([...trace.arms.keys(), ...tails.keys()])
    const arms = [...keys].flatMap((key) => {
      const [phase, variant = ''] = splitArm(key)
      const arm = audit.armIndex.get(variant)
      if (arm === undefined || (audit.phase !== null && audit.phase !== phase)) return []
      const sequence = trace.arms.get(key)
      // What went by retention was numbered first. No exposure bears a higher number in its arm than in all.
      const removed = Math.min(trace.removedUpTo, (sequence?.oldest ?? Infinity) - 1)
      const newest = sequence === undefined ? removed : newestOf(sequence)
      const tail = Math.max(0, (tails.get(key) ?? 0) - newest)
      const gaps = sequence === undefined ? 0 : missingOf(sequence, before, removed)
      const numbered = newest - removed + tail
      return numbered === 0 ? [] : [{ arm, numbered, missing: gaps + tail }]
    })
    const rate = commonRate(arms, lostOf(trace, before))
    return arms.map((loss): ArmLoss => {
      const lost = Math.min(loss.missing, Math.round(rate * loss.numbered))
      // Some of what went may have been numbered later than what stayed: only what is lost in all counts.
      return { producerId, ...loss, ...(trace.removedUpTo > 0 && { missing: lost }), lost }
    })
  })
}

/** The rate of loss that all arms have in common, where each has lost no more than it misses, and all together so many. */
function commonRate(
  arms: readonly { readonly numbered: number; readonly missing: number }[],
  lost: number,
): number {
  let [left, numbered] = [lost, sum(arms.map((arm) => arm.numbered))]
  for (const arm of arms.toSorted((a, b) => a.missing / a.numbered - b.missing / b.numbered)) {
    if (arm.missing * numbered > left * arm.numbered) return left / numbered
    left -= arm.missing
    numbered -= arm.numbered
  }
  return 1
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
