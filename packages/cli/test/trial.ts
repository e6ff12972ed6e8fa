/** A small trial, as data. */
export const trial = {
  key: 'home-ranking',
  hypothesis: {
    change: 'ranking the home row by the session model',
    population: 'signed-in viewers',
    metric: 'watched',
    direction: 'increase',
    minimumLift: { relative: 0.02 },
    horizon: '14d',
  },
  unitType: 'viewer',
  variants: [
    { name: 'control', weight: 1 },
    { name: 'model', weight: 1, value: 'Modèle' },
  ],
  control: 'control',
  metrics: {
    watched: { type: 'mean', role: 'primary', direction: 'increase', window: '1h' },
    'start.rate': {
      type: 'proportion',
      role: 'guardrail',
      direction: 'increase',
      window: '1h',
      column: 'started',
    },
  },
  guardrails: [{ metric: 'start.rate', margin: { relative: 0.05 }, action: 'abort' }],
  analysis: { method: 'asymptotic-cs', tuneAt: 1000 },
  ramp: { stages: [{ trafficPercent: 100, holdFor: '1h', minimumUnits: 10 }] },
}

/** The same in YAML. Its last line is open to the last byte, so that no beginning of the text is a whole trial. */
export const trialYaml = `# The trial of the session model.
key: home-ranking
hypothesis:
  change: ranking the home row by the session model
  population: signed-in viewers
  metric: watched
  direction: increase
  minimumLift: { relative: 0.02 }
  horizon: 14d
unitType: viewer
variants:
  - { name: control, weight: 1 }
  - name: model
    weight: 1
    value: Modèle
control: control
metrics:
  watched: { type: mean, role: primary, direction: increase, window: 1h }
  start.rate:
    type: proportion
    role: guardrail
    direction: increase
    window: 1h
    column: started
guardrails:
  - { metric: start.rate, margin: { relative: 0.05 }, action: abort }
analysis: { method: asymptotic-cs, tuneAt: 1000 }
ramp: { stages: [{ trafficPercent: 100, holdFor: 1h, minimumUnits: 10 }] }`

/** Something in JSON or YAML, replaced once; a test that replaces nothing is no test. */
export function change(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`There is no ${what}.`)
  return text.replace(what, () => by)
}
