import { explain as explainUnit, loadExperiment } from '@fairtrial/assignment'
import type { ExplainedAssignment, Unit } from '@fairtrial/protocol'
import { assumeState } from '../assumed-state.ts'
import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { wrap } from '../text/wrap.ts'

export interface ExplainOptions {
  readonly unit: string
  readonly attributes?: NonNullable<Unit['attributes']>
  readonly traffic?: number
  readonly json?: boolean
}

/** `fairtrial explain`: every step from the unit's id to its arm. */
export async function explain(console: Console, file: string, options: ExplainOptions): Promise<void> {
  const experiment = await readDefinition(file)
  const state = assumeState(experiment, { now: console.now(), trafficPercent: options.traffic })
  const explained = explainUnit(loadExperiment(experiment, state), {
    unitType: experiment.unitType,
    unitId: options.unit,
    ...(options.attributes && { attributes: options.attributes }),
  })
  answer(console, options, { schema: 'fairtrial.explanation/1', ...explained }, () =>
    explanationText(explained),
  )
}

function explanationText({ assignment, steps }: ExplainedAssignment): string {
  const arm = assignment.variant ?? 'control, not enrolled'
  return [
    wrap(
      `${assignment.experiment}: ${JSON.stringify(assignment.unitId)} → ${arm} (${assignment.reason})`,
      '',
      '  ',
    ),
    ...steps.map(({ step, passed, detail }) =>
      wrap(detail, `  ${passed ? '✓' : '✗'} ${step.padEnd(11)} `, ' '.repeat(16)),
    ),
  ].join('\n')
}
