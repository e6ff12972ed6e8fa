import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { type ExitCode, exitCodeOfHoldout } from '../exit-code.ts'
import { type HoldoutOptions, reportHoldout } from '../holdout/report-holdout.ts'
import { holdoutText } from '../text/holdout-text.ts'

/** What is looked at. */
export type HoldoutCommandOptions = Omit<HoldoutOptions, 'covariates'> & {
  /** As `covariates` of {@link HoldoutOptions}. */
  readonly covariate?: readonly string[]
  /** Epoch milliseconds; default now. */
  readonly asOf?: number
  readonly json?: boolean
}

/** `fairtrial holdout`: what all that has shipped since a holdout began has done, together. */
export async function holdout(
  console: Console,
  file: string,
  options: HoldoutCommandOptions,
): Promise<ExitCode> {
  const { covariate: covariates = [], ...place } = options
  const experiment = await readDefinition(file)
  const report = await reportHoldout(experiment, { ...place, covariates }, options.asOf ?? console.now())
  answer(console, options, report.document, () => holdoutText(report))
  return exitCodeOfHoldout(report.document, experiment.hypothesis.metric)
}
