import type { Experiment, StartGate } from '@fairtrial/protocol'
import { durationMs } from '@fairtrial/protocol/duration'
import { sayCount } from '../words/numbers.ts'
import { sayDuration } from '../words/times.ts'

/** The plan as it was sealed. */
export function Plan({ experiment }: { readonly experiment: Experiment }) {
  const { ramp, analysis } = experiment
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">Plan</h2>
      <p className="quiet">
        {METHODS[analysis.method]} (<code>{analysis.method}</code>), alpha {analysis.alpha}.{' '}
        {sayStart(ramp.start)}Stages: {ramp.stages.map(sayStage).join('; ')}.
        {ramp.bake !== undefined &&
          ` What ships is watched for ${sayDuration(durationMs(ramp.bake.for))}, while ${ramp.bake.holdbackPercent} % stay in the trial.`}
      </p>
      <details>
        <summary>The sealed definition</summary>
        <p className="fine">
          Fingerprint <code className="hash">{experiment.fingerprint}</code>
        </p>
        <pre tabIndex={0}>{JSON.stringify(experiment, null, 2)}</pre>
      </details>
    </section>
  )
}

const METHODS: Readonly<Record<Experiment['analysis']['method'], string>> = {
  'asymptotic-cs': 'Confidence sequences, valid at every look',
  'group-sequential': 'Looks planned beforehand, each with its share of alpha',
  hybrid: 'Looks planned beforehand, and confidence sequences between them',
  'fixed-horizon': 'One look, at the end',
  bayesian: 'Posterior probabilities',
}

/** `Before the start: a readiness report of at most 7 days and 1 approval. `; nothing where nothing is asked for. */
function sayStart({ readiness = false, maximumAge = '7d', approvals = 0 }: StartGate = {}): string {
  const asked = [
    ...(readiness ? [`a readiness report of at most ${sayDuration(durationMs(maximumAge))}`] : []),
    ...(approvals > 0 ? [`${approvals} ${approvals === 1 ? 'approval' : 'approvals'}`] : []),
  ]
  return asked.length === 0 ? '' : `Before the start: ${asked.join(' and ')}. `
}

/** `30 % for at least 3 s, 500 units in each arm and 2 approvals`. */
function sayStage({
  trafficPercent,
  holdFor,
  minimumUnits,
  approvals = 0,
}: Experiment['ramp']['stages'][number]): string {
  const needs = [
    `${trafficPercent} % for at least ${sayDuration(durationMs(holdFor))}`,
    `${sayCount(minimumUnits)} units in each arm`,
  ].join(approvals > 0 ? ', ' : ' and ')
  return approvals > 0 ? `${needs} and ${approvals} ${approvals === 1 ? 'approval' : 'approvals'}` : needs
}
