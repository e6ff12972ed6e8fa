import { createRandom } from '@fairtrial/sequential'
import { describe, expect, it } from 'vitest'
import reference from '../../test/reference/holdout.json' with { type: 'json' }
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'
import { drawHoldout } from '../holdout/holdout-arm.ts'
import { readDefinition } from '../definition-file.ts'

const definition = {
  ...trial,
  holdout: { name: '2026-h1', percent: 20 },
  metrics: {
    watched: { ...trial.metrics.watched, unit: 'minutes' },
    'start.rate': trial.metrics['start.rate'],
    crashed: { type: 'proportion', role: 'secondary', direction: 'decrease', window: '1h' },
  },
  analysis: { method: 'asymptotic-cs', tuneAt: 200 },
}

const LAST = Number(reference.allShipped.split(' ').at(-1))
const allShipped = new Set(reference.allShipped.split(' ').map(Number))

/** The units of the reference, a line each. */
const rows = Array.from({ length: 600 }, (_, i) => {
  const before = (i * 37) % 23
  const watched = 10 + before / 2 + ((i * i) % 17) + (allShipped.has(i) ? 9 : 0)
  return `viewer-${i},${before},${watched},${(i * 7) % 10 < 8}`
})
const header = 'viewer,before,watched,started'

async function holdout(
  changes: object = {},
  options: { lines?: readonly string[]; args?: readonly string[] } = {},
) {
  const { lines = [header, ...rows], args = ['--json'] } = options
  const path = folderWith({
    'trial.json': JSON.stringify({ ...definition, ...changes }),
    'units.csv': lines.join('\n'),
  })
  return fairtrial(['holdout', path('trial.json'), '--table', path('units.csv'), '--unit', 'viewer', ...args])
}

function expectClose(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number') expect(actual).toBeCloseTo(expected, 9)
  else (expected as unknown[]).forEach((each, i) => expectClose((actual as unknown[])[i], each))
}

describe('holdout', () => {
  it('B11: draws the arms from ids alone, and compares them as numpy and scipy do', async () => {
    const { code, document } = await holdout({}, { args: ['--json', '--period', '30d'] })
    expect(code).toBe(0)
    expect(document).toMatchObject({
      schema: 'fairtrial.holdout/1',
      experiment: 'home-ranking',
      holdout: { name: '2026-h1', percent: 20 },
      method: 'asymptotic-cs',
      period: '30d',
      population: 600,
      units: { 'status-quo': 106, 'all-shipped': 117, outside: 377 },
      leftOut: { metrics: ['crashed'], covariates: [], dimensions: [] },
      audit: { verdict: 'trusted' },
    })
    for (const [metric, expected] of [
      ['watched', reference.watched],
      ['start.rate', reference.started],
    ] as const) {
      const { variants, comparisons } = document.metrics[metric]
      const comparison = comparisons['all-shipped']
      expectClose(variants['status-quo'].mean, expected.controlMean)
      expectClose(variants['status-quo'].variance, expected.controlVariance)
      expectClose(variants['all-shipped'].mean, expected.treatmentMean)
      expectClose(variants['all-shipped'].variance, expected.treatmentVariance)
      expectClose(comparison.effect.absolute, expected.effect)
      expectClose(comparison.effect.relative, expected.relative)
      expectClose(comparison.standardError, expected.standardError)
      expectClose(comparison.fixed.pValue, expected.welchP)
      expectClose(comparison.fixed.interval.absolute, expected.oneLook)
    }
    const { comparisons, impact } = document.metrics.watched
    expectClose(comparisons['all-shipped'].interval.absolute, reference.watched.anyLook)
    expectClose(document.audit.sampleRatio.chiSquare, reference.sampleRatio.chiSquare)
    expectClose(document.audit.sampleRatio.pValue, reference.sampleRatio.pValue)

    for (const [scaled, units] of [
      [impact.perUnit, 1],
      [impact.allUnits, 600],
      [impact.heldBack, 106],
    ] as const) {
      expect(scaled.units).toBe(units)
      expectClose(scaled.total, reference.watched.effect * units)
      expectClose(
        scaled.interval,
        reference.watched.anyLook.map((end) => end * units),
      )
      expectClose(scaled.perDay.total, (reference.watched.effect * units) / 30)
      expectClose(
        scaled.perDay.interval,
        reference.watched.anyLook.map((end) => (end * units) / 30),
      )
    }
  })

  const adjusted = {
    metrics: {
      ...definition.metrics,
      watched: { ...definition.metrics.watched, covariates: [{ column: 'before' }, { column: 'age' }] },
    },
  }

  it('takes out what covariates explain that are named as known before, and tells which are left out', async () => {
    const { document } = await holdout(adjusted, { args: ['--json', '--covariate', 'before'] })
    const comparison = document.metrics.watched.comparisons['all-shipped']
    expectClose(comparison.effect.absolute, reference.cuped.effect)
    expectClose(comparison.standardError, reference.cuped.standardError)
    expectClose(comparison.unadjusted.effect.absolute, reference.watched.effect)
    expect(document.leftOut.covariates).toEqual(['watched: age'])
    expect(document.audit.balance).toMatchObject([{ covariate: 'before' }])
    const limits = document.limits.join(' ')
    expect(limits).toContain('It is adjusted by "before", and right only if that was known before')
    expect(limits).toContain('No covariate adjusts it that is not named')
  })

  it('adjusts by nothing that nobody has named: what has shipped may have moved it by then', async () => {
    // What has shipped adds 6 a week for the whole quarter, in the weeks before the last exposure as well.
    const moved = rows.map((row, i) => {
      const [id, , , started] = row.split(',')
      const noise = ((i * 37) % 101) / 10
      const effect = allShipped.has(i) ? 6 : 0
      return [id, 10 + noise + effect + (i % 3), 10 + noise + effect + (i % 5), started].join(',')
    })
    const lines = [header, ...moved]
    const { document, stdout } = await holdout(adjusted, { lines })
    const plain = await holdout({}, { lines })
    const effectOf = (of: typeof document) => of.metrics.watched.comparisons['all-shipped'].effect.absolute
    expect(effectOf(document)).toBe(effectOf(plain.document))
    expect(effectOf(document)).toBeGreaterThan(5)
    const { document: named } = await holdout(adjusted, { lines, args: ['--json', '--covariate', 'before'] })
    expect(effectOf(named)).toBeLessThan(3)
    expect(document.leftOut.covariates).toEqual(['watched: before', 'watched: age'])
    expect(document.limits.join(' ')).toContain('Name by --covariate COLUMN what was known before')
    expect(stdout).not.toContain('is adjusted by')
    const text = await holdout(adjusted, { lines, args: [] })
    expect(text.stdout).toContain('Covariates left out: watched: before, watched: age.')
  })

  it('post-stratifies by nothing that nobody has named', async () => {
    const dimensions = { band: { known: 'before-exposure', column: 'before', stratify: true } }
    const plain = await holdout()
    const document = (args: readonly string[]) =>
      holdout({ dimensions }, { args: ['--json', ...args] }).then((outcome) => outcome.document)
    const effectOf = (of: any) => of.metrics['watched'].comparisons['all-shipped'].effect.absolute
    expect(effectOf(await document([]))).toBe(effectOf(plain.document))
    expect(effectOf(await document(['--covariate', 'before']))).not.toBe(effectOf(plain.document))
  })

  it('tells that who has not consented dilutes the effect', async () => {
    const { document } = await holdout()
    expect(document.limits.join(' ')).toContain('the effect is diluted by their share')
  })

  it('tells people what has shipped has done, in 80 columns, and never without an interval', async () => {
    const { stdout } = await holdout({}, { args: ['--period', '30d'] })
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain(
      'What has shipped since the holdout began has raised watched, for the better: +8.661 minutes a unit (+36.14 %); 95 % interval [+5.83, +11.49], however often it is looked at.',
    )
    expect(text).toContain(
      'What has shipped since the holdout began is not shown to have moved start.rate: -0.03354 a unit (-4.13 %); 95 % interval [-0.1984, +0.1313], however often it is looked at.',
    )
    expect(text).toContain('600 units, a day +173.2 [+116.6, +229.8]')
    expect(text).toContain('106 held back, in 30d +918.1 [+618, +1218]')
    expect(text).toContain('In the plan and not in the table: metrics crashed.')
    expect(text).toContain('It tells none of them from another.')
    // Forty per cent is much for one change, and nothing unusual for all of them.
    expect(text).not.toContain('caution')
  })

  it('reads a harm as harm: for the worse, and exits 3 of a guardrail', async () => {
    const decreasing = { ...definition.metrics.watched, direction: 'decrease' }
    const worse = await holdout({
      metrics: { ...definition.metrics, watched: decreasing },
      hypothesis: { ...definition.hypothesis, direction: 'decrease' },
    })
    expect(worse.code).toBe(4)
    expect(worse.document.metrics.watched.sentence).toContain('has raised watched, for the worse')
    const harmed = rows.map((row, i) => (allShipped.has(i) ? row.replace('true', 'false') : row))
    const breached = await holdout({}, { lines: [header, ...harmed] })
    expect(breached.code).toBe(3)
    expect(breached.document.metrics['start.rate'].comparisons['all-shipped'].guardrail.verdict).toBe(
      'breach',
    )
  })

  it('reads a fixed horizon as its one look, and a plan with looks by its confidence sequence', async () => {
    const planned = { maximumUnits: 1000, tuneAt: 200 }
    const fixed = await holdout({ analysis: { method: 'fixed-horizon', ...planned } })
    expect(fixed.document.metrics.watched.comparisons['all-shipped'].method).toBe('fixed')
    expectClose(
      fixed.document.metrics.watched.comparisons['all-shipped'].interval.absolute,
      reference.watched.oneLook,
    )
    expect(fixed.document.metrics.watched.sentence).toContain('if this is the only look')
    for (const method of ['group-sequential', 'hybrid']) {
      const { document } = await holdout({ analysis: { method, ...planned } })
      expect(document.method).toBe('asymptotic-cs')
      expectClose(
        document.metrics.watched.comparisons['all-shipped'].interval.absolute,
        reference.watched.anyLook,
      )
    }
  })

  it('the holdout’s name draws: definitions of other keys, salts, layers and states give the same arms', async () => {
    const path = folderWith({
      'a.json': JSON.stringify(definition),
      'b.json': JSON.stringify({
        ...definition,
        key: 'player',
        salt: 'another',
        layer: { name: 'player', fromPercent: 0, toPercent: 10 },
        eligibility: { attribute: 'plan', equals: 'paid' },
        variants: [...definition.variants, { name: 'third', weight: 3 }],
      }),
      'c.json': JSON.stringify({ ...definition, holdout: { name: '2026-h2', percent: 20 } }),
    })
    const [a, b, c] = await Promise.all(
      ['a.json', 'b.json', 'c.json'].map(async (name) => drawHoldout(await readDefinition(path(name)))),
    )
    const ids = rows.map((_, i) => `viewer-${i}`)
    expect(ids.map(b!)).toEqual(ids.map(a!))
    expect(ids.map(c!)).not.toEqual(ids.map(a!))
    const drawn = ids.flatMap((id, i) => (a!(id) === 'status-quo' ? [i] : []))
    expect(drawn.join(' ')).toBe(reference.statusQuo)
  })

  it('tells everybody’s effect only where it is known how many they are', async () => {
    const held = rows.filter(
      (_, i) => allShipped.has(i) || reference.statusQuo.split(' ').includes(String(i)),
    )
    const lines = [header, ...held]
    const unknown = await holdout({}, { lines })
    expect(unknown.document).toMatchObject({
      population: null,
      metrics: { watched: { impact: { allUnits: null, heldBack: { units: 106 } } } },
    })
    expect(unknown.document.metrics.watched.impact.perUnit).not.toHaveProperty('perDay')
    const known = await holdout({}, { lines, args: ['--json', '--population', '1000000'] })
    expectClose(known.document.metrics.watched.impact.allUnits.total / 1e6, reference.watched.effect)
    expect(await holdout({}, { args: ['--json', '--population', '599'] })).toMatchObject({
      code: 2,
      document: { code: 'invalid-argument' },
    })
  })

  it('FAULTS 1: an arm that has lost units is told by the sample ratio, and exits 5', async () => {
    const lost = rows.filter((_, i) => !(allShipped.has(i) && i % 2 === 0))
    const { code, stdout } = await holdout({}, { lines: [header, ...lost], args: [] })
    expect(code).toBe(5)
    expect(stdout).toContain('sample-ratio: Sample ratio mismatch: status-quo has 106 units')
    expect(stdout).toContain('The audit does not believe these data; nor should anybody.')
  })

  it('leaves households out that stand in both arms, says how many units, and holds none of them for lost', async () => {
    const lines = [`${header},household`, ...rows.map((row, i) => `${row},${i % 60}`)]
    const { document } = await holdout(
      { cluster: { unitType: 'household', attribute: 'household' } },
      { lines },
    )
    const { variants } = document.metrics['start.rate']
    expect(variants['status-quo'].n + variants['all-shipped'].n).toBeLessThan(60)
    expect(document).toMatchObject({ population: 600, units: { 'status-quo': 106, 'all-shipped': 117 } })
    expect(document.limits.at(-1)).toMatch(
      /^\d+ units are left out, for their household stands in both arms\.$/,
    )
  })

  it('reads the rows that --where names, in which each unit stands once', async () => {
    const months = [...rows.map((row) => `${row},1`), ...rows.map((row) => `${row},2`)]
    const lines = [`${header},month`, ...months]
    const { document } = await holdout({}, { lines, args: ['--json', '--where', 'month=2'] })
    expectClose(document.metrics.watched.comparisons['all-shipped'].effect.absolute, reference.watched.effect)
    expect(document.population).toBe(600)
  })

  it.each([
    ['a definition without a holdout', { holdout: undefined }, {}, 'home-ranking names no holdout.'],
    [
      'an arm without a unit',
      {},
      { lines: [header, rows[0]!] },
      'No unit of the table is in status-quo of the holdout "2026-h1"',
    ],
    [
      'a covariate that the plan does not have',
      {},
      { args: ['--json', '--covariate', 'before'] },
      'Column "before" is no covariate of the plan',
    ],
    [
      'a unit twice',
      {},
      { lines: [header, ...rows, 'viewer-7,1,1,1'] },
      'Row 601 is of unit "viewer-7", which has a row before',
    ],
    [
      'a row without a unit',
      {},
      { lines: [header, ...rows, ',1,1,1'] },
      'Row 601 has no unit: column "viewer" is',
    ],
    [
      'an id that no service assigns by',
      {},
      { lines: [header, ...rows, `${'x'.repeat(2000)},1,1,1`] },
      'which is no unit id',
    ],
    [
      'a table without the column of the unit',
      {},
      { lines: ['user,watched,started', 'viewer-1,1,1'] },
      'The table has no column "viewer"; it has "user", "watched", "started".',
    ],
    [
      'a table without the plan’s metric',
      {},
      { lines: ['viewer,started', ...rows.map((row) => row.replace(/,.*,/, ','))] },
      'The table has no column "watched"',
    ],
    [
      'text for a number, by its row of the file',
      {},
      { lines: [header, ...rows.map((row, i) => (i === LAST ? `viewer-${i},1,many,1` : row))] },
      `fairtrial: Row ${LAST + 1}, column "watched": "many" is no number`,
    ],
  ])('refuses %s', async (_, changes, options, why) => {
    const { code, stderr } = await holdout(changes, options)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
  })

  it('says of what cannot be had that it cannot be had', async () => {
    const alike = rows.map((row) => row.replace(/,[^,]*,[^,]*$/, ',7,true'))
    const { code, document, stdout } = await holdout({}, { lines: [header, ...alike] })
    expect(code).toBe(4)
    expect(document.metrics.watched.sentence).toContain('may have done anything to watched: no unit differs')
    expect(document.metrics.watched.impact.allUnits.interval.notEstimable.code).toBe('zero-variance')
    expect(stdout).not.toMatch(/NaN|Infinity/)
  })
})

describe('a holdout of known truth', () => {
  it('has it in the interval as often as is claimed', async () => {
    const random = createRandom(11)
    const truth = 2
    const trials = 120
    const covered = { atOneLook: 0, atAnyLook: 0 }
    for (let trialIndex = 0; trialIndex < trials; trialIndex++) {
      const path = folderWith({ 'trial.json': JSON.stringify(definition) })
      const draw = drawHoldout(await readDefinition(path('trial.json')))
      const lines = Array.from({ length: 300 }, (_, i) => {
        const id = `${trialIndex}-${i}`
        const own = random.normal() * 5
        // Units differ in what has shipped does to them: the effect is a mean.
        const watched = 20 + own + (draw(id) === 'all-shipped' ? truth + random.normal() * 3 : 0)
        return `${id},0,${watched},true`
      })
      const { document } = await holdout({}, { lines: [header, ...lines] })
      const { fixed, interval } = document.metrics.watched.comparisons['all-shipped']
      const has = ([lower, upper]: readonly [number, number]) => (lower <= truth && truth <= upper ? 1 : 0)
      covered.atOneLook += has(fixed.interval.absolute)
      covered.atAnyLook += has(interval.absolute)
    }
    // Four standard errors of 95 % of 120.
    expect(Math.abs(covered.atOneLook - 114)).toBeLessThan(10)
    expect(covered.atAnyLook).toBeGreaterThan(114)
  })
})
