import { BUCKETS } from '../buckets.ts'
import { show } from '../show.ts'
import { type Parts, present, refer, type Report } from './report.ts'

export function checkVariants({ variants, control }: Parts, report: Report): void {
  if (variants === undefined) return
  const names = variants.map((variant) => variant?.name)
  const labels = variants.map((variant) => variant?.value ?? variant?.name)
  variants.forEach((variant, index) => {
    const { name, value } = variant ?? {}
    if (name !== undefined && names.indexOf(name) < index) {
      report(
        `variants[${index}].name`,
        name,
        `${show(name)} is a variant already.`,
        'Give each its own name.',
      )
    } else if (value !== undefined && labels.some((label, at) => label === value && at !== index)) {
      report(
        `variants[${index}].value`,
        value,
        `${show(value)} stands for another variant too.`,
        'Give each the text that it alone has in the data.',
      )
    }
  })
  refer('control', control, present(names), 'a variant', report)
}

export function checkWeights({ variants = [] }: Parts, report: Report): void {
  const weights = present(variants.map((variant) => variant?.weight))
  if (weights.length < variants.length) return
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const sum = `${weights.join(' + ')} = ${total}`
  if (!Number.isSafeInteger(total)) {
    report(
      'variants',
      weights,
      `The weights ${sum} pass ${Number.MAX_SAFE_INTEGER}, up to which sums are exact.`,
      'Divide all of them by the same number.',
    )
    return
  }
  weights.forEach((weight, index) => {
    if (weight >= total / BUCKETS) return
    report(
      `variants[${index}].weight`,
      weight,
      `${weight} of ${total} is ${(weight / total) * BUCKETS} of ${BUCKETS} buckets, and an arm needs one.`,
      `Give it at least ${Math.ceil(total / BUCKETS)}, or the others less.`,
    )
  })
}
