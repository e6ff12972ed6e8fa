import { ExperimentError } from '@fairtrial/protocol'
import { InvalidArgumentError } from 'commander'

/** A number for each arm, in order; named where the text names them. */
export type ArmNumbers = readonly { readonly name?: string; readonly value: number }[]

/** `--observed`: units by arm, `120,130` or `control=120,model=130`. */
export function parseCounts(text: string): ArmNumbers {
  return parseArms(
    text,
    (value) => Number.isSafeInteger(value) && value >= 0,
    'Give a whole number for each arm: 120,130 or control=120,model=130.',
  )
}

/** `--weights`: of any sum, `1,1` or `control=90,model=10`. */
export function parseWeights(text: string): ArmNumbers {
  return parseArms(
    text,
    (value) => Number.isFinite(value) && value > 0,
    'Give a number above 0 for each arm: 1,1 or control=90,model=10.',
  )
}

function parseArms(text: string, isAllowed: (value: number) => boolean, remedy: string): ArmNumbers {
  const arms = text.split(',').map((part) => {
    const at = part.lastIndexOf('=')
    const digits = part.slice(at + 1).trim()
    const value = digits === '' ? Number.NaN : Number(digits)
    if (!isAllowed(value)) throw new InvalidArgumentError(`${JSON.stringify(part)} will not do. ${remedy}`)
    return at < 0 ? { value } : { name: part.slice(0, at).trim(), value }
  })
  const names = arms.map(({ name }) => name)
  if (arms.length < 2) throw new InvalidArgumentError(`This is one arm. ${remedy}`)
  if (names.includes('') || (names.includes(undefined) && names.some((name) => name !== undefined)))
    throw new InvalidArgumentError(`Name every arm or none. ${remedy}`)
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) !== index)
  if (twice !== undefined) throw new InvalidArgumentError(`${JSON.stringify(twice)} stands there twice.`)
  return arms
}

/** An arm of a sample ratio. */
export interface ObservedArm {
  readonly name: string
  readonly observed: number
  readonly weight: number
}

/**
 * Counts and weights, arm by arm: by name where both have names, else by place. Without any names arms are numbered.
 *
 * @throws ExperimentError `invalid-argument` where they are not of the same arms
 */
export function pairArms(observed: ArmNumbers, weights: ArmNumbers): readonly ObservedArm[] {
  const byName = new Map(weights.map(({ name, value }) => [name, value]))
  const isByName = !byName.has(undefined) && observed[0]?.name !== undefined
  const paired = observed.map((count, place) => ({
    name: count.name ?? weights[place]?.name ?? `arm ${place + 1}`,
    observed: count.value,
    weight: isByName ? byName.get(count.name) : weights[place]?.value,
  }))
  const alone = paired.find(({ weight }) => weight === undefined)
  if (alone !== undefined || observed.length !== weights.length) {
    const lacks = isByName && alone !== undefined ? `: ${JSON.stringify(alone.name)} has no weight` : ''
    throw new ExperimentError(
      'invalid-argument',
      `--observed ${sayArms(observed)} and --weights ${sayArms(weights)} are not of the same arms${lacks}.`,
      'Give each arm one count and one weight.',
    )
  }
  return paired as readonly ObservedArm[]
}

function sayArms(arms: ArmNumbers): string {
  return arms.map(({ name, value }) => (name === undefined ? value : `${name}=${value}`)).join(',')
}
