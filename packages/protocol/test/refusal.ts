import { parseDefinition } from '../src/define.ts'
import { ExperimentError } from '../src/error.ts'
import type { ExperimentDefinition } from '../src/experiment.ts'
import { homeRanking } from './home-ranking.ts'

/** What defining says is wrong. */
export function refusalOf(data: unknown): ExperimentError {
  try {
    parseDefinition(data)
  } catch (error) {
    if (error instanceof ExperimentError) return error
    throw error
  }
  throw new Error('was not refused')
}

export const problemsOf = (data: unknown): string[] =>
  refusalOf(data).problems.map(({ path, message }) => `${path}: ${message}`)

/** The fixture with something changed in it. */
export function changed(change: (definition: any) => void): ExperimentDefinition {
  const definition = structuredClone(homeRanking)
  change(definition)
  return definition
}
