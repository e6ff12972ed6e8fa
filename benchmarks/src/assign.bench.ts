import { createRequire } from 'node:module'
import { assign, loadExperiment, type LoadedExperiment } from '@fairtrial/assignment'
import { stateFor } from '@fairtrial/client/testing'
import type { Condition, ExperimentDefinition } from '@fairtrial/protocol'
import { GrowthBookClient } from '@growthbook/growthbook'
import { FlagdCore } from '@openfeature/flagd-core'
import murmurhash3js from 'murmurhash3js'
import { homeRow } from './home-row.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

// Every library decides the same: two arms, half each, for one of 1,000 viewers.
const UNITS = Array.from({ length: 1_000 }, (_, i) => {
  const unitId = `user-${(i * 7_919) % 1_000_003}`
  const attributes = { country: i % 2 === 0 ? 'DE' : 'FR', plan: 'paid' }
  return {
    id: unitId,
    fairtrial: { unitType: 'viewer', unitId, attributes },
    flagd: { targetingKey: unitId, ...attributes },
    growthbook: { attributes: { id: unitId, ...attributes } },
    unleash: { userId: unitId, properties: attributes },
  }
})
type Subject = (typeof UNITS)[number]

interface Library {
  fairtrial: LoadedExperiment[]
  flagd: FlagdCore
  growthbook: GrowthBookClient
  unleash: { getVariant(name: string, context: object): unknown }
}

const keyOf = (i: number) => `experiment-${i}`

/** The same experiments in each library; with a condition, who is in DE or FR and pays. */
function libraryOf(experiments: number, conditional: boolean): Library {
  const keys = Array.from({ length: experiments }, (_, i) => keyOf(i))
  const eligibility: Condition = {
    all: [
      { attribute: 'country', in: ['DE', 'FR'] },
      { attribute: 'plan', equals: 'paid' },
    ],
  }
  const flags = keys.map((key) => {
    const split = { fractional: [{ cat: [key, { var: 'targetingKey' }] }, ['control', 1], ['model', 1]] }
    const inside = { and: [{ in: [{ var: 'country' }, ['DE', 'FR']] }, { '==': [{ var: 'plan' }, 'paid'] }] }
    const targeting = conditional ? { if: [inside, split, null] } : split
    const variants = { control: 'control', model: 'model' }
    return [key, { state: 'ENABLED', variants, defaultVariant: 'control', targeting }]
  })
  const flagd = new FlagdCore()
  flagd.setConfigurations(JSON.stringify({ flags: Object.fromEntries(flags) }))

  const features = keys.map((key) => {
    const rule = {
      key,
      seed: key,
      hashVersion: 2,
      variations: ['control', 'model'],
      weights: [0.5, 0.5],
      coverage: 1,
    }
    const condition = { country: { $in: ['DE', 'FR'] }, plan: 'paid' }
    return [key, { defaultValue: 'control', rules: [{ ...rule, ...(conditional && { condition }) }] }]
  })
  const growthbook = new GrowthBookClient()
  growthbook.initSync({ payload: { features: Object.fromEntries(features) } })

  return {
    fairtrial: keys.map((key) => load(key, conditional ? { eligibility } : {})),
    flagd,
    growthbook,
    unleash: unleashOf(keys, conditional),
  }
}

/** Unleash's evaluation without its polling: its client over a repository in memory. */
function unleashOf(keys: readonly string[], conditional: boolean): Library['unleash'] {
  const require = createRequire(import.meta.url)
  const { default: UnleashClient } = require('unleash-client/lib/client.js')
  const { defaultStrategies } = require('unleash-client/lib/strategy/index.js')
  const constraints = [
    { contextName: 'country', operator: 'IN', values: ['DE', 'FR'], inverted: false },
    { contextName: 'plan', operator: 'IN', values: ['paid'], inverted: false },
  ]
  const variants = ['control', 'model'].map((name) => ({ name, weight: 500, stickiness: 'userId' }))
  const toggles = new Map(
    keys.map((name) => {
      const parameters = { rollout: '100', stickiness: 'userId', groupId: name }
      const strategy = {
        name: 'flexibleRollout',
        parameters,
        constraints: conditional ? constraints : [],
        variants,
      }
      return [name, { name, enabled: true, strategies: [strategy] }]
    }),
  )
  return new UnleashClient({ getToggle: (name: string) => toggles.get(name) }, defaultStrategies)
}

function load(key: string, part: Partial<ExperimentDefinition>, trafficPercent = 100): LoadedExperiment {
  const experiment = homeRow({ key, ...part })
  return loadExperiment(experiment, stateFor(experiment, { trafficPercent }))
}

const unitAt = (i: number): Subject => UNITS[i % UNITS.length] as Subject

/** One decision a call; the experiments are taken in turn. */
function subjectsOf({ fairtrial, flagd, growthbook, unleash }: Library) {
  const count = fairtrial.length
  const seeds = fairtrial.map(({ variant }) => variant.seed)
  const keys = fairtrial.map(({ key }) => key)
  const keyAt = (i: number) => keys[i % count] as string
  return {
    murmurhash3js: (i: number) => murmurhash3js.x86.hash32(unitAt(i).id, seeds[i % count]),
    assign: (i: number) => assign(fairtrial[i % count] as LoadedExperiment, unitAt(i).fairtrial),
    'flagd-core': (i: number) => flagd.resolveStringEvaluation(keyAt(i), 'control', unitAt(i).flagd),
    growthbook: (i: number) => growthbook.evalFeature(keyAt(i), unitAt(i).growthbook),
    'unleash-client': (i: number) => unleash.getVariant(keyAt(i), unitAt(i).unleash),
  }
}

export async function run(): Promise<Row[]> {
  return [
    ...(await raceDecisions('assign, one experiment', libraryOf(1, false), {
      bare: 2.2,
      flagd: 4,
      growthbook: 8,
    })),
    ...(await raceDecisions('assign, with a condition', libraryOf(1, true))),
    ...(await raceDecisions('assign, one of 1,000', libraryOf(1_000, false))),
    ...(await raceDecisions('assign, 100 for one user', libraryOf(100, false), {}, 100)),
    ...(await racePurposes()),
  ]
}

async function raceDecisions(
  benchmark: string,
  library: Library,
  targets: { bare?: number; flagd?: number; growthbook?: number } = {},
  perUser = 1,
): Promise<Row[]> {
  const single = subjectsOf(library)
  mustSplit(single)
  const timings = await race(perUser === 1 ? single : forOneUser(library))
  const { bare, flagd, growthbook } = targets
  const floor = { against: 'murmurhash3js', ...(bare !== undefined && { target: { atMost: bare } }) } as const
  const bytes = perUser === 1 ? { bytesAtMost: 160 } : {}
  const rival = (atLeast?: number) =>
    ({ against: 'assign', ...(atLeast !== undefined && { target: { atLeast } }) }) as const
  return [
    row(benchmark, timings, 'murmurhash3js'),
    row(benchmark, timings, 'assign', { ...floor, ...bytes }),
    row(benchmark, timings, 'flagd-core', rival(flagd)),
    row(benchmark, timings, 'growthbook', rival(growthbook)),
    row(benchmark, timings, 'unleash-client', rival()),
  ]
}

/** A library that is set up wrongly answers fast: each must give both arms to about half of the units. */
function mustSplit({ murmurhash3js: _, ...libraries }: ReturnType<typeof subjectsOf>): void {
  for (const [name, decide] of Object.entries(libraries)) {
    const answers = UNITS.map((_, i) => JSON.stringify(decide(i)))
    const model = answers.filter((answer) => /"(variant|value|name)":"model"/.test(answer)).length
    if (model < 400 || model > 600)
      throw new Error(`${name} gives ${model} of 1,000 units the model: is it set up?`)
  }
}

/** All experiments of a library for one user in one call. */
function forOneUser({ fairtrial, flagd, growthbook, unleash }: Library) {
  const all = (decide: (loaded: LoadedExperiment, unit: Subject) => unknown) => (i: number) => {
    let last: unknown
    for (const loaded of fairtrial) last = decide(loaded, unitAt(i))
    return last
  }
  return {
    murmurhash3js: all(({ variant }, unit) => murmurhash3js.x86.hash32(unit.id, variant.seed)),
    assign: all((loaded, unit) => assign(loaded, unit.fairtrial)),
    'flagd-core': all(({ key }, unit) => flagd.resolveStringEvaluation(key, 'control', unit.flagd)),
    growthbook: all(({ key }, unit) => growthbook.evalFeature(key, unit.growthbook)),
    'unleash-client': all(({ key }, unit) => unleash.getVariant(key, unit.unleash)),
  }
}

/** Each further purpose that decides may cost 1.3 bare hashes more. */
async function racePurposes(): Promise<Row[]> {
  const benchmark = 'assign, purpose by purpose'
  const layer = { layer: { name: 'home', fromPercent: 0, toPercent: 99.9999 } }
  const holdout = { holdout: { name: '2026', percent: 0.0001 } }
  const one = load('purposes', {})
  const two = load('purposes', {}, 99.9999)
  const three = load('purposes', layer, 99.9999)
  const four = load('purposes', { ...layer, ...holdout }, 99.9999)
  const timings = await race({
    murmurhash3js: (i) => murmurhash3js.x86.hash32(unitAt(i).id, one.variant.seed),
    variant: (i) => assign(one, unitAt(i).fairtrial),
    '+ traffic': (i) => assign(two, unitAt(i).fairtrial),
    '+ layer': (i) => assign(three, unitAt(i).fairtrial),
    '+ holdout': (i) => assign(four, unitAt(i).fairtrial),
  })
  return [
    row(benchmark, timings, 'murmurhash3js'),
    ...(['variant', '+ traffic', '+ layer', '+ holdout'] as const).map((purpose, further) =>
      row(benchmark, timings, purpose, {
        against: 'murmurhash3js',
        target: { atMost: (22 + 13 * further) / 10 },
      }),
    ),
  ]
}
