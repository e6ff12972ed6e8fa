import type { Experiment } from '@fairtrial/protocol'

/** The plan as it was sealed. */
export function Plan({ experiment }: { readonly experiment: Experiment }) {
  const { ramp, analysis } = experiment
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">Plan</h2>
      <p className="quiet">
        {analysis.method}, alpha {analysis.alpha}; stages{' '}
        {ramp.stages
          .map(
            ({ trafficPercent, holdFor, minimumUnits }) =>
              `${trafficPercent} % for ${holdFor} and ${minimumUnits} units`,
          )
          .join(', ')}
        {ramp.bake !== undefined &&
          `; then ${ramp.bake.for} of watching with ${ramp.bake.holdbackPercent} % held back`}
        .
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
