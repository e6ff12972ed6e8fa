import type { ExperimentDefinition } from '@fairtrial/protocol'
import { readDefinitions } from '../definition-file.ts'

/** Arguments in which the definitions are to be read from stdin, and what is to stand there. */
export interface HandedOver {
  readonly args: readonly string[]
  readonly definitions: readonly ExperimentDefinition[]
}

/**
 * The control plane reads JSON: what each `--definition` names, in whatever form, is read and checked for it.
 *
 * @throws ExperimentError as `readDefinitions`
 */
export async function handOver(args: readonly string[]): Promise<HandedOver> {
  const given = args.flatMap((argument) => splitDefinition(argument))
  const isNamed = (i: number) => given[i - 1] === DEFINITION
  const read = await Promise.all(given.filter((_, i) => isNamed(i)).map((name) => readDefinitions(name)))
  const others = given.filter((argument, i) => argument !== DEFINITION && !isNamed(i))
  const definitions = read.flat().map(({ fingerprint: _, ...definition }) => definition)
  return { definitions, args: read.length === 0 ? given : [DEFINITION, '-', ...others] }
}

const DEFINITION = '--definition'

/** `--definition=FILE` as two arguments. */
function splitDefinition(argument: string): readonly string[] {
  const isBoth = argument.startsWith(`${DEFINITION}=`)
  return isBoth ? [DEFINITION, argument.slice(DEFINITION.length + 1)] : [argument]
}
