import {
  type Experiment,
  hypothesisSentence,
  lint,
  type LintFinding,
  refuseCollisions,
} from '@fairtrial/protocol'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'

interface CheckedFile {
  readonly file: string
  readonly key: string
  readonly fingerprint: string
  readonly hypothesis: string
  readonly findings: readonly LintFinding[]
}

/** `fairtrial check`: validates definitions, alone and together, and prints what the seal is. */
export async function check(
  console: Console,
  files: readonly string[],
  options: { json?: boolean },
): Promise<void> {
  const experiments: Experiment[] = []
  const checked: CheckedFile[] = []
  for (const file of files) {
    const experiment = await readDefinition(file)
    experiments.push(experiment)
    checked.push({
      file,
      key: experiment.key,
      fingerprint: experiment.fingerprint,
      hypothesis: hypothesisSentence(experiment),
      findings: lint(experiment),
    })
  }
  refuseCollisions(experiments)
  answer(console, options, { schema: 'fairtrial.check/1', definitions: checked }, () =>
    checked.map(checkedText).join('\n\n'),
  )
}

function checkedText({ file, key, fingerprint, hypothesis, findings }: CheckedFile): string {
  const notes = findings.map(({ code, path, detail, remedy }) => `  ${path} ${code}: ${detail} ${remedy}`)
  return [`${file}: ${key} is valid`, `  ${hypothesis}`, `  fingerprint ${fingerprint}`, ...notes].join('\n')
}
