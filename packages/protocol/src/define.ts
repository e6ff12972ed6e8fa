import { incoherences } from './coherence.ts'
import { ExperimentError, type Problem } from './error.ts'
import { definitionSchema, type Experiment, type ExperimentDefinition, type Variant } from './experiment.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { type Partially, withoutPlaces } from './partial.ts'
import { plainData } from './plain-data.ts'
import { schemaProblems } from './schema-problem.ts'
import { seal } from './seal.ts'
import { show } from './show.ts'

/**
 * Checks a definition, writes out its defaults and seals it. Variants, their configs and the names of metrics
 * keep their literal types all the way. Call it while a module loads: a bad plan then fails the deploy and
 * not a request. Data that has lost its literal types, imported JSON above all, goes through `parseDefinition`.
 *
 * @throws ExperimentError `invalid-definition` with every problem there is, in the message and in `problems`;
 * `unsupported-version` when `schemaVersion` is of a later major
 */
export function defineExperiment<const V extends Variant, const M extends string>(
  definition: ExperimentDefinition<V, M>,
): Experiment<V, M> {
  return parseDefinition(definition) as Experiment<V, M>
}

/** `defineExperiment` for data that nobody has typed: parsed JSON or YAML. The same checks, the same errors. */
export function parseDefinition(data: unknown): Experiment {
  const plain = plainData(data)
  const definition = plain.data
  if (definition === null && plain.problems.length > 0) throw refusal(undefined, plain.problems)
  if (!isObject(definition)) {
    throw new ExperimentError(
      'invalid-definition',
      `A definition is an object, not ${show(definition)}.`,
      'Start from the one in the README of @fairtrial/protocol.',
    )
  }
  refuseOtherMajor(definition)
  const issues = definitionSchema.safeParse(definition).error?.issues ?? []
  // Of a list that is too long or too short, every item can be believed.
  const refused = issues
    .filter((issue) => !('origin' in issue && issue.origin === 'array'))
    .map(({ path }) => path)
  const notPlain = new Set(plain.problems.map(({ path }) => path))
  const problems = [
    ...plain.problems,
    ...schemaProblems(definitionSchema, definition, issues).filter(({ path }) => !notPlain.has(path)),
    ...incoherences(withoutPlaces(definition, refused) as Partially<ExperimentDefinition>),
  ].map((problem) => withArithmetic(problem, definition['variants']))
  if (problems.length > 0) throw refusal(definition['key'], problems)
  return seal(definition as unknown as ExperimentDefinition)
}

function refusal(key: unknown, problems: readonly Problem[]): ExperimentError {
  const name = typeof key === 'string' ? ` of ${show(key)}` : ''
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const lines = problems.map(
    ({ path, message, remedy }) => `\n  ${path || 'definition'}: ${message} ${remedy}`,
  )
  return new ExperimentError(
    'invalid-definition',
    `The definition${name} has ${count}.${lines.join('')}\n`,
    'Mend what is listed and define it again; nothing has been started.',
    { problems },
  )
}

/** Who gave a wrong weight was thinking of a sum: it is told. */
function withArithmetic(problem: Problem, variants: JsonValue | undefined): Problem {
  if (!/^variants\[\d+\]\.weight$/.test(problem.path) || !Array.isArray(variants)) return problem
  const weights = variants.map((variant) =>
    isObject(variant) ? Number(variant['weight'] ?? Number.NaN) : Number.NaN,
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return { ...problem, message: `${problem.message} The weights: ${weights.join(' + ')} = ${sum}.` }
}

function refuseOtherMajor({ schemaVersion }: JsonObject): void {
  if (typeof schemaVersion !== 'number' || schemaVersion === 1 || !Number.isInteger(schemaVersion)) return
  throw new ExperimentError(
    'unsupported-version',
    `The definition has schemaVersion ${schemaVersion}; this fairtrial reads 1.`,
    'Install a fairtrial that reads it, or write the definition in version 1.',
  )
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
