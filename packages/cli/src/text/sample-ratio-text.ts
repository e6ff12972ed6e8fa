import type { SampleRatioDocument } from '../commands/srm.ts'
import { layColumns } from './columns.ts'
import { sayCount, sayLift, sayNumber } from './numbers.ts'
import { wrap } from './wrap.ts'

/** A sample ratio for people: the verdict, the arms, then what each number means. */
export function sampleRatioText(document: SampleRatioDocument): string {
  const { verdict, alpha, units, arms, fixed, sequential } = document
  const told = {
    ok: `No sample ratio mismatch at alpha ${alpha}.`,
    mismatch: `Sample ratio mismatch at alpha ${alpha}.`,
    unknown: 'No units, so nothing can be said of their ratio.',
  }[verdict]
  const rows = arms.map(({ name, observed, weight, expected, deviation }) => [
    name,
    sayCount(observed),
    expected.toLocaleString('en-US', { maximumFractionDigits: 1 }),
    units === 0 ? '' : sayLift(deviation),
    String(weight),
  ])
  const lines = [told, layColumns([['', 'units', 'expected', 'off by', 'weight'], ...rows])]
  const say = (sentence: string) => lines.push(wrap(sentence, '  '))
  if (fixed !== null) {
    const p = `p ${sayP(fixed.pValue)} (chi-square ${sayNumber(fixed.chiSquare)}, df ${fixed.degreesOfFreedom})`
    if (sequential === undefined) {
      say(`At one look: ${p}.`)
      if (arms.some(({ expected }) => expected < 5))
        say('The chi-square is rough below 5 expected units; --sequential is right for any number.')
      say('Right for one look, the last. For counts that are looked at as they grow, give --sequential.')
    } else {
      say(
        `At any number of looks: p ${sayP(sequential.anytimePValue)}. The counts are ${sayFactor(sequential)}.`,
      )
      say(`Of several looks the smallest p counts. Were this the only look: ${p}.`)
    }
  }
  if (verdict === 'mismatch') {
    say(
      'Look for what one arm loses or gains: crashes, redirects, bots, a late call to expose. Read no effect until it is found.',
    )
  }
  return lines.join('\n')
}

/** What a Bayes factor says. */
function sayFactor({ logBayesFactor }: NonNullable<SampleRatioDocument['sequential']>): string {
  const size = Math.abs(logBayesFactor)
  const times = `${size > Math.log(1e6) ? `e^${sayNumber(size)}` : sayNumber(Math.exp(size))} times as likely`
  return logBayesFactor > 0
    ? `${times} under another ratio as under the weights`
    : `${times} under the weights as under another ratio`
}

function sayP(p: number): string {
  return p < 1e-300 ? '< 1e-300' : sayNumber(p)
}
