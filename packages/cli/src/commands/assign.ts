import { assign as assignUnit, type LoadedExperiment, loadExperiment } from '@fairtrial/assignment'
import type { AssignmentEvent, Unit } from '@fairtrial/protocol'
import { assumeState } from '../assumed-state.ts'
import { type Console, writeLines } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { readLines } from '../lines.ts'

export interface AssignOptions {
  readonly unit?: string
  /** `-`: ids from standard input, a line each. */
  readonly units?: string
  readonly attributes?: NonNullable<Unit['attributes']>
  readonly traffic?: number
}

/** `fairtrial assign`: a JSON line for each unit. */
export async function assign(console: Console, file: string, options: AssignOptions): Promise<void> {
  const experiment = await readDefinition(file)
  const state = assumeState(experiment, { now: console.now(), trafficPercent: options.traffic })
  const loaded = loadExperiment(experiment, state)
  const unitOf = (unitId: string): Unit => ({
    unitType: experiment.unitType,
    unitId,
    ...(options.attributes && { attributes: options.attributes }),
  })
  if (options.unit !== undefined)
    return writeLines(console.stdout, [assignmentLine(loaded, unitOf(options.unit))])
  let isFirst = true
  for await (const lines of readLines(console.stdin)) {
    // A mark of encoding and a carriage return are the file's, not the id's.
    const ids = lines.map((line, index) => (isFirst && index === 0 ? line.replace(/^\uFEFF/, '') : line))
    isFirst = false
    await writeLines(
      console.stdout,
      ids.map((id) => assignmentLine(loaded, unitOf(id.replace(/\r$/, '')))),
    )
  }
}

function assignmentLine(loaded: LoadedExperiment, unit: Unit): string {
  const arm = assignUnit(loaded, unit)
  const event: AssignmentEvent = {
    schema: 'fairtrial.assignment/1',
    experiment: arm.experiment,
    unitType: arm.unitType,
    unitId: arm.unitId,
    variant: arm.variant,
    bucket: arm.bucket,
    seed: arm.seed,
    propensity: arm.propensity,
    reason: arm.reason,
    fingerprint: arm.fingerprint,
    phase: arm.phase,
    revision: arm.revision,
  }
  return JSON.stringify(event)
}
