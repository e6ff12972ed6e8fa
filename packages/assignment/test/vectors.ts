import { assign, bucketOf, evaluateCondition, hashUtf8, loadExperiment } from '../src/index.ts'
import { experimentOf, type Part, stateOf } from './experiment.ts'

interface HashVectors {
  cases: { id: string; seed: number; utf8Hex: string; text?: string; hash: number }[]
}

export interface AssignmentVectors {
  cases: {
    name: string
    experiment: Part
    state: object
    units: never[]
    expected: { reason: string; variant: string | null; bucket: number | null; served: string }[]
  }[]
}

export interface VectorReport {
  checked: number
  wrong: string[]
}

/** Holds this package to its vectors, in whatever engine it runs. */
export function checkVectors(hashes: HashVectors, assignments: AssignmentVectors): VectorReport {
  const report: VectorReport = { checked: 0, wrong: [] }
  const check = (name: string, got: unknown, expected: unknown) => {
    report.checked++
    const [a, b] = [JSON.stringify(got), JSON.stringify(expected)]
    if (a !== b) report.wrong.push(`${name}: expected ${b}, got ${a}`)
  }
  for (const { id, seed, text, hash } of hashes.cases) {
    if (text !== undefined) check(id, hashUtf8(text, seed), hash)
  }
  for (const { name, experiment: part, state, units, expected } of assignments.cases) {
    const variants = part.variants?.map((variant) => ({ ...variant, config: { served: variant.name } }))
    const experiment = experimentOf({ ...part, ...(variants && { variants }) })
    const loaded = loadExperiment(experiment, stateOf(experiment, state))
    for (const [i, unit] of units.entries()) {
      const { reason, variant, bucket, config } = assign(loaded, unit)
      check(`${name}, unit ${i}`, { reason, variant, bucket, served: config.served }, expected[i])
    }
  }
  // Two edges of the arithmetic that no unit is likely to meet.
  check('the last bucket', bucketOf(0xffff_ffff), 999_999)
  check('depth', evaluateCondition(nested(100_000), { a: 1 }), true)
  return report
}

function nested(depth: number): Parameters<typeof evaluateCondition>[0] {
  let condition: Parameters<typeof evaluateCondition>[0] = { attribute: 'a', equals: 1 }
  for (let i = 0; i < depth; i++) condition = { not: { not: condition } }
  return condition
}
