import type { Audit } from '../audit.ts'
import { addTo, byArm, sayByArm, shareOf, zerosFor } from '../by-arm.ts'
import { sum } from '../disparity.ts'
import type { Found } from '../found.ts'
import { parityOf, parityP } from '../parity.ts'
import { skewOf } from './arrivals.ts'
import type { TimeUnit } from '../skew-trace.ts'
import type { Tolerance } from '../tolerance.ts'
import { analysedIn } from '../trace-totals.ts'
import { sayCount, sayP, sayPart, sayShare } from '../words.ts'

const UNITS: readonly TimeUnit[] = ['seconds', 'microseconds', 'nanoseconds']

/**
 * Events dated at times that cannot be. They enter nothing, so that they are lost as surely as those that never came:
 * more of the units, or of the outcomes, than is tolerated breaks the audit, and so does what falls on one arm.
 *
 * @param units of the analysis, by arm
 */
export function mistimedFinding(audit: Audit, units: readonly number[], tolerance: Tolerance): Found[] {
  const { experiment, aside, counts } = audit
  const off = [...audit.producers]
    .filter(([, { skew }]) => skew.mistimed > 0)
    .toSorted(([, a], [, b]) => b.skew.mistimed - a.skew.mistimed)
  const [worst] = off
  if (worst === undefined) return []
  const { marked, all, leftOut } = unitsOf(audit, units)
  const everyone = sum(all)
  const outcomes = counts.outcomes + aside.mistimedOutcomes
  const share = Math.max(shareOf(leftOut, everyone), shareOf(aside.mistimedOutcomes, outcomes))
  const p = parityP(experiment, marked, all)
  const { severity, isOff } = parityOf(p)
  const { maximumLoss } = tolerance
  const isBroken = share > maximumLoss || severity === 'broken'
  const isMany = isOff || shareOf(sum(marked), everyone) > maximumLoss

  const events = sum(off.map(([, { skew }]) => skew.mistimed))
  const inUnit = UNITS.map((unit) => [unit, sum(off.map(([, { skew }]) => skew.inUnit[unit]))] as const)
  const [read] = inUnit.filter(([, count]) => count > 0)
  const [producerId] = worst
  const sentences = [
    `${sayPart(events, counts.events, 'event')} are dated at times that cannot be, most by ${producerId}, and left out: with them ${sayPart(leftOut, everyone, 'unit')} and ${sayPart(aside.mistimedOutcomes, outcomes, 'outcome')}, where ${sayShare(maximumLoss)} is tolerated.`,
    read !== undefined &&
      `${sayCount(read[1], 'time')} would be right in ${read[0]}; milliseconds are asked for.`,
    isOff &&
      p !== null &&
      `Units with such an exposure: ${sayByArm(experiment, marked, all)}; p ${sayP(p)} if arms were alike.`,
  ].filter((sentence) => sentence !== false)
  return [
    {
      code: 'clock-skew',
      severity: isBroken ? 'broken' : isMany ? 'caution' : 'note',
      detail: sentences.join(' '),
      biasesEffect: isOff ? 'likely' : share > 0 ? 'possible' : 'no',
      remedy: `${isOff ? 'Do not read effects: what is left out of one arm looks like one. ' : ''}${
        read === undefined
          ? `Set the clock of ${producerId}`
          : `Have ${producerId} write times as epoch milliseconds`
      }: a time is believed from a year before its receipt to 5 minutes after it.`,
      evidence: {
        mistimed: events,
        inUnit: Object.fromEntries(inUnit),
        share,
        tolerated: maximumLoss,
        unitsLeftOut: leftOut,
        outcomesLeftOut: aside.mistimedOutcomes,
        unitsWith: byArm(experiment, marked),
        units: byArm(experiment, all),
        pValue: p,
        producers: off.slice(0, 3).map(skewOf),
      },
    },
  ]
}

/** Units with such an exposure, all units, and those that have no other exposure. */
function unitsOf(audit: Audit, units: readonly number[]) {
  const isAnalysed = analysedIn(audit)
  const [marked, all] = [zerosFor(audit.experiment), [...units]]
  let leftOut = 0
  for (const [unitId, arm] of audit.aside.mistimed) {
    addTo(marked, arm, 1)
    if (isAnalysed(unitId)) continue
    addTo(all, arm, 1)
    leftOut += 1
  }
  return { marked, all, leftOut }
}
