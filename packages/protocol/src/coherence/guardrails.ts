import { durationMs } from '../duration.ts'
import { ACTION_OF_CLASS } from '../guardrail.ts'
import { show } from '../show.ts'
import { own, type Parts, refer, type Report } from './report.ts'

export function checkGuardrails({ guardrails = [], metrics }: Parts, report: Report): void {
  if (metrics === undefined) return
  const names = guardrails.map((guardrail) => guardrail?.metric)
  names.forEach((name, index) => {
    const path = `guardrails[${index}].metric`
    const metric = own(metrics, name)
    const margin = guardrails[index]?.margin
    refer(path, name, Object.keys(metrics), 'a metric', report)
    checkClass(guardrails[index], `guardrails[${index}]`, report)
    checkConfirmation(guardrails[index], `guardrails[${index}].hardLimit.confirm`, report)
    checkWithin(guardrails[index], `guardrails[${index}].hardLimit.within`, report)
    if (name !== undefined && names.indexOf(name) < index) {
      report(path, name, `${show(name)} has a guardrail already.`, 'Keep one for each metric.')
    }
    if (metric?.adoption) {
      report(
        path,
        name,
        `${show(name)} is an adoption metric: control does not have it, so that no arm can be worse.`,
        'Guard a metric that both arms have.',
      )
    }
    if (metric?.rareEvents && margin !== undefined && 'absolute' in margin) {
      report(
        `guardrails[${index}].margin`,
        margin,
        `${show(name)} is compared by its rare events, which bound the ratio of two rates and no difference.`,
        'Give a relative margin, e.g. { relative: 0.5 } for half as many again.',
      )
    }
  })
}

type GuardrailParts = NonNullable<Parts['guardrails']>[number]

/** The class fixes the action: one of the two says all. */
function checkClass(guardrail: GuardrailParts, path: string, report: Report): void {
  if (guardrail === undefined) return
  const { class: is, action, hardLimit } = guardrail
  if (is === undefined && action === undefined) {
    const remedy = "Give its class: 'critical', 'guardrail', 'signal' or 'watch'; or its action."
    report(`${path}.class`, is, 'Nothing says what a breach does.', remedy)
  }
  if (is !== undefined && action !== undefined && action !== ACTION_OF_CLASS[is]) {
    const message = `A guardrail of class ${show(is)} has the action ${show(ACTION_OF_CLASS[is])}.`
    report(`${path}.action`, action, message, 'Leave the action out, or choose the class that has it.')
  }
  if (is === 'critical' && hardLimit === undefined) {
    const remedy = "Say the worst mean that is bearable, e.g. { worst: 0.2 }, or make it a 'guardrail'."
    report(
      `${path}.hardLimit`,
      hardLimit,
      'A critical guardrail aborts on raw counts, and has no limit.',
      remedy,
    )
  }
}

function checkConfirmation(guardrail: GuardrailParts, path: string, report: Report): void {
  const { breaches, of } = guardrail?.hardLimit?.confirm ?? {}
  if (breaches === undefined || of === undefined || breaches <= of) return
  report(`${path}.breaches`, breaches, `Of ${of} readings, ${breaches} cannot be beyond.`, `Give 1 to ${of}.`)
}

/** Minutes are kept one by one. */
function checkWithin(guardrail: GuardrailParts, path: string, report: Report): void {
  const within = guardrail?.hardLimit?.within
  if (within === undefined) return
  const lasts = durationMs(within)
  if (lasts >= durationMs('1m') && lasts <= durationMs('1d')) return
  report(
    path,
    within,
    `${show(within)} is no time of a minute to a day.`,
    "Give e.g. '10m', or leave it out.",
  )
}
