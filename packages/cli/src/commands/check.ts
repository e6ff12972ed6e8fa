import {
  type Experiment,
  hypothesisSentence,
  lint,
  type LintFinding,
  refuseCollisions,
} from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { readDefinitions } from '../definition-file.ts'
import { isExperimentError } from '../definition-problem.ts'
import { type ToldProblem, toldProblems } from '../error-document.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { wrap } from '../text/wrap.ts'

type CheckedFile =
  | {
      readonly file: string
      readonly valid: true
      readonly key: string
      readonly fingerprint: string
      readonly hypothesis: string
      readonly findings: readonly LintFinding[]
    }
  | {
      readonly file: string
      readonly valid: false
      readonly code: string
      readonly problems: readonly ToldProblem[]
    }

interface Collision {
  readonly files: readonly [string, string]
  readonly message: string
  readonly remedy: string
}

/** `fairtrial check`: validates definitions, alone and together; tells the problems of all of them. */
export async function check(
  console: Console,
  files: readonly string[],
  options: { json?: boolean },
): Promise<ExitCode> {
  const definitions: CheckedFile[] = []
  const read: Read[] = []
  const refusals: string[] = []
  for (const file of new Set(files)) {
    try {
      for (const experiment of await readDefinitions(file)) {
        read.push({ file, experiment })
        definitions.push(checkedFile(file, experiment))
      }
    } catch (error) {
      if (!isExperimentError(error)) throw error
      definitions.push({ file, valid: false, code: error.code, problems: toldProblems(error) })
      refusals.push(error.message)
    }
  }
  const collisions = collisionsOf(read)
  refusals.push(
    ...collisions.map(({ files, message, remedy }) => `${files.join(' and ')} collide: ${message} ${remedy}`),
  )
  const document = { schema: 'fairtrial.check/1', valid: refusals.length === 0, definitions, collisions }
  const valid = definitions.filter((each) => each.valid)
  if (options.json || valid.length > 0)
    answer(console, options, document, () => valid.map(checkedText).join('\n\n'))
  for (const refusal of refusals) console.stderr.write(`fairtrial: ${refusal.trim()}\n`)
  return refusals.length === 0 ? exitCodes.ok : exitCodes.usage
}

interface Read {
  readonly file: string
  readonly experiment: Experiment
}

function checkedFile(file: string, experiment: Experiment): CheckedFile {
  return {
    file,
    valid: true,
    key: experiment.key,
    fingerprint: experiment.fingerprint,
    hypothesis: hypothesisSentence(experiment),
    findings: lint(experiment),
  }
}

function collisionsOf(read: readonly Read[]): Collision[] {
  return read.flatMap((later, index) =>
    read.slice(0, index).flatMap((earlier): Collision[] => {
      try {
        refuseCollisions([earlier.experiment, later.experiment])
        return []
      } catch (error) {
        if (!isExperimentError(error)) throw error
        const files = [earlier.file, later.file] as const
        return error.problems.map(({ message, remedy }) => ({ files, message, remedy }))
      }
    }),
  )
}

function checkedText(checked: CheckedFile & { readonly valid: true }): string {
  const { file, key, fingerprint, hypothesis, findings } = checked
  return [
    `${file}: ${key} is valid`,
    wrap(hypothesis, '  '),
    `  fingerprint ${fingerprint}`,
    ...findings.map(({ code, path, detail, remedy }) =>
      wrap(`${path} ${code}: ${detail} ${remedy}`, '  lint  ', '        '),
    ),
  ].join('\n')
}
