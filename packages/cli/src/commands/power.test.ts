import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { trial } from '../../test/trial.ts'

const power = (line: string) => fairtrial(['power', ...line.split(' ').filter(Boolean)])
const answer = async (line: string) => {
  const { code, stderr, document } = await power(`${line} --json`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(document.schema).toBe('fairtrial.power/1')
  return document
}
const exactly = (document: any): number[] => document.arms.map(({ exact }: any) => exact)

describe('power: units', () => {
  it.each([
    // R 4.2.2, stats::power.prop.test
    ['--metric proportion --baseline 0.1 --mde 0.002 --power 0.9', 477029.676189751, 1],
    ['--metric proportion --baseline 0.1 --mde 0.1 --relative', 14750.7904690449, 1],
    ['--metric proportion --baseline 0.5 --mde 0.15 --power 0.9', 226.160182636391, 1],
    // Fleiss, Levin & Paik 2003
    ['--metric proportion --baseline 0.5 --mde -0.05', 1564.6720527749542, 1],
    ['--metric proportion --baseline 0.5 --mde 0.05 --direction decrease', 1564.6720527749542, 1],
    ['--metric proportion --baseline 0.1 --mde 0.01 --variance unpooled', 14748.045020841957, 1],
    // statsmodels 0.13.5, NormalIndPower.solve_power
    ['--metric mean --sd 1 --mde 0.05 --allocation 2,1', 9418.632611192304, 0.5],
    ['--metric mean --sd 2 --mde 1 --power 0.9 --allocation 1,0.5', 126.08903339216596, 0.5],
    ['--metric mean --sd 1 --mde 0.2 --power 0.9 --sides 1 --alpha 0.025', 525.3711531354314, 1],
    ['--metric count --baseline 4 --sd 4 --mde 0.05 --relative --power 0.9', 8405.935527752721, 1],
    // Deng, Knoblich & Lu 2018: the delta method; 300 = 0.8017837257372732 × 20 × √350
    [
      '--metric ratio --numerator-mean 20 --numerator-sd 20 --denominator-mean 20 --denominator-sd 18.708286933869708 --correlation 0.8017837257372732 --mde 0.01 --relative',
      58866.59800761818,
      1,
    ],
    // gsDesign, nNormal and nBinomial (Farrington & Manning 1990)
    ['--metric mean --sd 4 --treatment-sd 5 --margin 0.5 --power 0.9 --allocation 1,3', 1022.72251131355, 3],
    ['--metric proportion --baseline 0.12 --margin 0.02 --power 0.9', 5561.99067279759, 1],
    [
      '--metric proportion --baseline 0.12 --margin 0.02 --direction decrease --allocation 1,2',
      3011.47838950206,
      2,
    ],
  ])('%s: those of R, statsmodels and gsDesign', async (line, control, ratio) => {
    const document = await answer(line)
    const [first, second] = exactly(document) as [number, number]
    expect(Math.abs(first / control - 1)).toBeLessThan(line.includes('proportion') ? 1e-6 : 5e-6)
    expect(second / first).toBeCloseTo(ratio, 12)
    expect(document.arms.map(({ units }: any) => units)).toEqual([first, second].map(Math.ceil))
    expect(document.totalUnits).toBe(Math.ceil(first) + Math.ceil(second))
    expect(document.asked).toBe('units')
  })

  it('agrees with G*Power, as Spotify has it', async () => {
    const rate = await answer('--metric proportion --baseline 0.34 --mde 0.003 --alpha 0.14 --power 0.67')
    expect(Math.abs(rate.totalUnits / 366424 - 1)).toBeLessThan(0.005)
  })

  it('tells a margin plan in its own words', async () => {
    const { stdout } = await power(
      '--metric proportion --baseline 0.12 --margin 0.02 --plan group-sequential --units-per-day 900',
    )
    const told = stdout.replaceAll(/\s+/g, ' ')
    expect(told).toMatch(
      /^[\d,]+ units to rule out a harm of 0\.02 \(16\.67 %\) where there is none with a power of 80 %/,
    )
    expect(told).toContain('non-inferiority: one-sided at half of alpha 0.05, 0.025')
    expect(told).toMatch(/on average [\d,]+ with a harm of the margin, [\d,]+ as planned/)
  })

  it('names the variance convention', async () => {
    const convention = async (line: string) => (await answer(line)).metric.convention
    const proportion = '--metric proportion --baseline 0.1'
    expect(await convention(`${proportion} --mde 0.01`)).toBe('pooled')
    expect(await convention(`${proportion} --mde 0.01 --variance unpooled`)).toBe('unpooled')
    expect(await convention(`${proportion} --margin 0.01`)).toBe('restricted')
    expect(await convention('--metric mean --sd 1 --mde 0.1')).toBe('unpooled')
    expect((await power(`${proportion} --mde 0.01`)).stdout).toContain('pooled variance under the null')
  })

  it('gives every arm its share, and plans for the smallest treatment', async () => {
    const two = await answer('--metric mean --sd 1 --mde 0.1 --allocation 2,1')
    const three = await answer('--metric mean --sd 1 --mde 0.1 --allocation 2,1,3')
    const [control, treatment] = exactly(two) as [number, number]
    expect(exactly(three)).toEqual([control, treatment, control * 1.5])
    expect(three.arms.map(({ name }: any) => name)).toEqual(['control', 'treatment 1', 'treatment 2'])
    expect(three.notes.join()).toContain('give --comparisons 2')
  })

  it('divides alpha by the comparisons, and says what is planned for under other corrections', async () => {
    const line = '--metric mean --sd 1 --mde 0.1'
    const [single] = exactly(await answer(`${line} --alpha 0.01`))
    const bonferroni = await answer(`${line} --comparisons 5`)
    expect(exactly(bonferroni)[0]).toBeCloseTo(single as number, 6)
    expect(bonferroni).toMatchObject({
      error: { alpha: 0.05, comparisons: 5, correction: 'bonferroni' },
      notes: [],
    })
    expect(bonferroni.error.comparisonAlpha).toBeCloseTo(0.01, 15)
    const holm = await answer(`${line} --comparisons 5 --correction holm`)
    expect(exactly(holm)[0]).toBeCloseTo(single as number, 6)
    expect(holm.notes.join()).toContain("Holm's first step")
    const none = await answer(`${line} --comparisons 5 --correction none`)
    expect(none.error.comparisonAlpha).toBe(0.05)
    // 5 (1 + 1/2 + 1/3 + 1/4 + 1/5) = 137/12
    const yekutieli = await answer(`${line} --comparisons 5 --correction benjamini-yekutieli`)
    expect(yekutieli.error.comparisonAlpha).toBeCloseTo((0.05 * 12) / 137, 15)
  })

  it('multiplies by the design effect of clusters', async () => {
    const line = '--metric mean --sd 1 --mde 0.1'
    const [units] = exactly(await answer(line)) as [number]
    const { arms, clusters } = await answer(`${line} --cluster-size 20 --icc 0.05`)
    expect(clusters.designEffect).toBeCloseTo(1.95, 12)
    expect(arms[0].exact).toBeCloseTo(units * 1.95, 6)
    expect(arms[0].clusters).toBe(Math.ceil((units * 1.95) / 20))
    const few = await answer(`--metric mean --sd 1 --mde 1 --cluster-size 20 --icc 0.05`)
    expect(few.notes.join()).toContain('Fewer than 20 clusters in an arm')
    const back = await answer(`${line} --cluster-size 20 --icc 0.05 --clusters ${arms[0].clusters}`)
    expect(back).toMatchObject({ asked: 'power', arms: [{ units: arms[0].clusters * 20 }, {}] })
    expect(back.power).toBeGreaterThan(0.8)
    expect(back.power).toBeLessThan(0.805)
  })

  it('gives an arm two units at least, and says where the normal distribution is too bold', async () => {
    const { arms, totalUnits, notes } = await answer('--metric mean --sd 1 --mde 5')
    expect(arms).toMatchObject([{ units: 2 }, { units: 2 }])
    expect(arms[0].exact).toBeLessThan(1)
    expect(totalUnits).toBe(4)
    expect(notes.join()).toContain('Fewer than 30 units in an arm')
  })

  it('tells how long it takes', async () => {
    const { days, totalUnits } = await answer('--metric mean --sd 1 --mde 0.1 --units-per-day 500')
    expect(days).toMatchObject({ unitsPerDay: 500, maximum: Math.ceil(totalUnits / 500) })
  })
})

describe('power: what so many units find', () => {
  it('is R and statsmodels', async () => {
    // R 4.2.2, stats::power.t.test, strict: it estimates the spread that is known here
    const { power: chance } = await answer('--metric mean --sd 1 --mde 0.1 --n 1000')
    expect(chance).toBeCloseTo(0.60836670580908, 3)
    // statsmodels 0.13.5, NormalIndPower.solve_power
    const found = await answer('--metric mean --sd 1 --n 1000 --power 0.8')
    expect(found.asked).toBe('difference')
    expect(found.difference.absolute).toBeCloseTo(0.1252903452971738, 6)
    const fall = await answer('--metric mean --sd 1 --n 1000 --direction decrease')
    expect(fall.difference.absolute).toBe(-found.difference.absolute)
    // R, pwr::pwr.t2n.test 0.998332717530558
    const unequal = await answer('--metric mean --sd 1 --mde 0.3 --n 400,800')
    expect(unequal.power).toBeCloseTo(0.998332717530558, 4)
    expect(unequal.arms.map(({ units }: any) => units)).toEqual([400, 800])
  })

  it.each([
    '--metric mean --sd 3 --mde 0.1',
    '--metric proportion --baseline 0.05 --mde 0.1 --relative',
    '--metric proportion --baseline 0.05 --margin 0.01',
    '--metric mean --sd 3 --mde 0.1 --plan group-sequential --looks 14',
    '--metric proportion --baseline 0.05 --mde -0.01 --plan anytime --looks 14',
    '--metric mean --sd 3 --mde 0.1 --plan anytime --looks 3 --tune-at 5000 --sides 1',
    '--metric mean --sd 3 --mde 0.1 --plan hybrid --tune-at 5000',
    '--metric mean --sd 3 --margin 0.1 --plan group-sequential',
  ])('%s: units, power and effect lead back to each other', async (line) => {
    const { arms, difference, curve, plan } = await answer(line)
    const n = arms[0].units
    const back = await answer(
      `${line} --n ${n} ${plan.tuneAt && !line.includes('tune') ? `--tune-at ${plan.tuneAt}` : ''}`,
    )
    expect(back.power).toBeGreaterThan(0.8 - 1e-9)
    expect(back.power).toBeLessThan(0.801)
    expect(curve[3].power).toBeCloseTo(0.8, 5)
    expect(curve.map((point: any) => point.power)).toEqual(curve.map((point: any) => point.power).toSorted())
    const sizes = curve.map((point: any) => Math.abs(point.detectable.absolute))
    expect(sizes).toEqual(sizes.toSorted((a: number, b: number) => b - a))
    if (line.includes('margin')) expect(curve[3].detectable.absolute).toBeCloseTo(back.margin.absolute, 6)
    else expect(curve[3].detectable.absolute).toBeCloseTo(difference.absolute, 6)
  })
})

describe('power: the price of many looks', () => {
  /** Maximum and mean units over those of one look: STATISTICS.md, by exact recursion, 14 equal looks, 80 % power. */
  it.each([
    ['group-sequential --spending hwang-shih-decani', 1.039, 0.775],
    ['group-sequential --spending lan-demets-obrien-fleming', 1.042, 0.786],
    ['group-sequential --spending kim-demets --parameter 2', 1.087, 0.755],
    ['group-sequential --spending lan-demets-pocock', 1.258, 0.776],
    ['anytime', 1.76, 1.164],
  ])('%s, 14 looks: %d times, on average %d', async (plan, most, mean) => {
    const line = '--metric mean --sd 1 --mde 0.02'
    const [fixed] = exactly(await answer(line)) as [number]
    const document = await answer(`${line} --plan ${plan} --looks 14`)
    const [control] = exactly(document) as [number]
    expect(control / fixed).toBeCloseTo(most, 3)
    expect(document.plan.inflation).toBeCloseTo(control / fixed, 4)
    expect(document.plan.expectedUnits.underDifference / (2 * fixed)).toBeCloseTo(mean, 3)
    expect(document.plan.expectedUnits.underNull).toBeLessThanOrEqual(2 * control)
  })

  it.each([
    ['fixed-horizon', 'fixed'],
    ['asymptotic-cs', 'anytime'],
  ])('takes the method %s of a definition for %s', async (method, rule) => {
    const line = '--metric mean --sd 1 --mde 0.02'
    expect(await answer(`${line} --plan ${method}`)).toEqual(await answer(`${line} --plan ${rule}`))
  })

  it('is that of gsDesign and rpact at unequal looks', async () => {
    const line = '--metric mean --sd 1 --mde 0.02 --plan group-sequential'
    // gsDesign(test.type = 1), one-sided; rpact, two-sided
    const oneSided = await answer(
      `${line} --sides 1 --spending kim-demets --parameter 3 --information 0.6,0.8,1`,
    )
    expect(oneSided.plan.inflation).toBeCloseTo(1.02740857034619, 6)
    const twoSided = await answer(`${line} --alpha 0.01 --parameter -2 --information 0.05,0.25,1 --power 0.9`)
    expect(twoSided.plan.inflation).toBeCloseTo(1.0144096341845867, 6)
  })

  it('is conservative of an anytime plan without looks, and says so', async () => {
    const line = '--metric mean --sd 1 --mde 0.02 --plan anytime'
    const end = await answer(line)
    const many = await answer(`${line} --looks 14`)
    // One look at the end: (2.8016 + 3.2256 − 1.96)² / 2.8016², its multiplier by Eppo's formula
    const [z, x] = [end.plan.upper[0], end.plan.inflation]
    expect(x).toBeCloseTo(((z + 0.8416212335729143) / 2.8015852181129683) ** 2, 6)
    expect(x).toBeGreaterThan(many.plan.inflation)
    expect(end.notes.join()).toContain('the end of the trial alone, which is conservative')
    expect(many.notes.join()).toContain('any of 14 looks')
  })

  it('tunes a confidence sequence where it is told to', async () => {
    const line = '--metric mean --sd 1 --mde 0.02 --plan anytime --looks 14'
    const atEnd = await answer(line)
    // Tuned at the units of one look: a Simpson recursion written apart gives 1.761832, and 1.760181 at the end.
    const atFixed = await answer(`${line} --tune-at ${atEnd.totalUnits / atEnd.plan.inflation}`)
    expect(atFixed.plan.inflation).toBeCloseTo(1.761832, 5)
    expect(atEnd.plan.inflation).toBeCloseTo(1.760181, 5)
    expect(atEnd.plan.tuneAt).toBeCloseTo(atEnd.arms[0].exact * 2, 6)
    // Two-sided bounds at the end: Howard et al. 2021, eq. 14 in the tuned form.
    const rho = 1 / (Math.log(1 - 2 * Math.log(0.05)) - 2 * Math.log(0.05))
    expect(atEnd.plan.upper.at(-1)).toBeCloseTo(Math.sqrt((1 + rho) * Math.log((1 + 1 / rho) / 0.0025)), 9)
  })

  it('watches for harm with half of alpha in a hybrid plan', async () => {
    const line = '--metric mean --sd 1 --mde 0.02 --looks 14'
    const hybrid = await answer(`${line} --plan hybrid`)
    const sequential = await answer(`${line} --plan group-sequential`)
    expect(hybrid.plan.inflation).toBeCloseTo(sequential.plan.inflation, 4)
    for (const [i, each] of hybrid.plan.upper.entries()) expect(each).toBeCloseTo(sequential.plan.upper[i], 5)
    // One-sided at 0.025, tuned at the end with 0.05.
    const rho = 1 / (Math.log(1 - 2 * Math.log(0.05)) - 2 * Math.log(0.05))
    const harm = Math.sqrt(2 * (1 + rho) * Math.log(1 + Math.sqrt(1 + 1 / rho) / 0.05))
    expect(hybrid.plan.lower.at(-1)).toBeCloseTo(-harm, 9)
  })
})

describe('power FILE', () => {
  const { hypothesis, metrics, analysis } = trial
  const definition = (change: object) =>
    folderWith({
      'trial.json': JSON.stringify({
        ...trial,
        metrics: { ...metrics, watched: { ...metrics.watched, baseline: { mean: 15, variance: 300 } } },
        ...change,
      }),
    })('trial.json')

  it('plans the primary metric with its baseline, lift, alpha, weights and stopping rule', async () => {
    const file = definition({
      variants: [
        { name: 'model', weight: 3, value: 'Modèle' },
        { name: 'control', weight: 1 },
      ],
      analysis: {
        method: 'group-sequential',
        alpha: 0.1,
        maximumUnits: 100_000,
        looks: [0.4, 0.7, 1],
        spending: { type: 'kim-demets', power: 3 },
        expectedUnitsPerDay: 20_000,
      },
    })
    const planned = await answer(file)
    expect(planned).toEqual({
      ...(await answer(
        '--metric mean --baseline 15 --sd 17.320508075688775 --mde 0.02 --relative --alpha 0.1 --allocation 1,3 --plan group-sequential --information 0.4,0.7,1 --spending kim-demets --parameter 3 --units-per-day 20000',
      )),
      experiment: { key: 'home-ranking', metric: 'watched' },
      notes: [expect.stringMatching(/^The definition ends at maximumUnits 100000, and \d+ units/)],
    })
    expect((await power(file)).stdout).toMatch(/^home-ranking, watched: [\d,]+ units to find \+0\.3 /)
    const found = await answer(`${file} --n 20000,60000 --power 0.9 --plan fixed`)
    expect(found).toMatchObject({ asked: 'difference', plan: { type: 'fixed' }, error: { alpha: 0.1 } })
    expect((await answer(`${file} --n 20000,60000`)).asked).toBe('power')
  })

  it('takes the confidence sequence where the plan has one, and divides alpha by the treatments', async () => {
    const file = definition({
      variants: [...trial.variants, { name: 'other', weight: 1 }],
      analysis: { ...analysis, tuneAt: 50_000 },
      hypothesis: { ...hypothesis, minimumLift: { absolute: 0.5 }, direction: 'decrease' },
      metrics: {
        ...metrics,
        watched: { ...metrics.watched, direction: 'decrease', baseline: { mean: 15, variance: 300 } },
      },
    })
    expect(await answer(file)).toMatchObject({
      difference: { absolute: -0.5 },
      error: { comparisons: 2, correction: 'bonferroni', comparisonAlpha: 0.025 },
      plan: { type: 'anytime', tuneAt: 50_000 },
      arms: [{}, {}, {}],
    })
  })

  it('warns of a spread that is typed by hand and smaller than the recorded one', async () => {
    const file = definition({})
    expect((await answer(`${file} --sd 10`)).notes.join()).toContain(
      '--sd 10 is optimistic: the baseline of watched has a variance of 300, a standard deviation of 17.32.',
    )
    expect((await answer(`${file} --sd 20`)).notes.join()).not.toContain('optimistic')
  })

  it('refuses what it cannot plan', async () => {
    const bare = definition({ metrics })
    expect(await power(bare)).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        "fairtrial: home-ranking's primary metric watched has no baseline. Give --baseline and --sd, or write metrics.watched.baseline: { mean, variance }.\n",
    })
    expect((await power(`${bare} --baseline 15 --sd 17`)).code).toBe(0)
    const clustered = definition({ cluster: { unitType: 'household', attribute: 'household' } })
    expect((await power(clustered)).stderr).toContain('Give --cluster-size and --icc.')
    expect((await power(`${definition({})} --metric mean`)).stderr).toContain(
      '--metric mean has no meaning beside',
    )
  })
})

describe('power: wrong usage', () => {
  const mean = '--metric mean --sd 1'
  const rate = '--metric proportion --baseline 0.6'
  it.each([
    ['--sd 1 --mde 1', '--metric is missing'],
    ['--metric mean --mde 1', '--sd is missing'],
    ['--metric mean --mde 1 --sd 1e200', "--sd 1e+200 has no square in the computer's numbers."],
    [`${mean} --mde 1e-200`, 'So small an effect takes more units than can be counted. Check --mde'],
    [`${mean} --mde 1 --power 0.01`, '--power 0.01 is no more than the chance of a false alarm, 0.05.'],
    [mean, '--mde is missing: units are counted for an effect. Give --mde'],
    [`${mean} --mde 0`, '--mde 0 is no effect'],
    [`${mean} --mde x`, "option '--mde <x>' argument 'x' is invalid. Give a number, as 0.5."],
    [
      `${mean} --mde 0.1 --power 80`,
      "option '--power <p>' argument '80' is invalid. Give a number between 0 and 1",
    ],
    [`${mean} --mde 0.1 --alpha 5`, "option '--alpha <p>' argument '5' is invalid."],
    [`${mean} --mde 0.1 --relative`, '--baseline is missing: --relative is a share of it.'],
    [`${mean} --mde 0.1 --relative --baseline 0`, '--baseline 0 has no shares.'],
    [`${mean} --n 100 --relative`, '--relative has nothing to be of.'],
    [`${mean} --mde 0.1 --n 100 --power 0.9`, '--n, --power and --mde are all given: nothing is asked.'],
    [`${mean} --mde 0.1 --n 1`, "option '--n <units>' argument '1' is invalid."],
    [
      `${mean} --mde 0.1 --n 100 --allocation 1,3`,
      'Give the units of every arm in place of --allocation, as --n 100,300.',
    ],
    [`${mean} --mde 0.1 --allocation 1,0`, 'Give a weight above 0 for each arm'],
    [`${mean} --mde -0.1 --direction increase`, '--mde -0.1 is a fall, and --direction is increase.'],
    [`${mean} --mde 0.1 --variance pooled`, '--variance pooled has no meaning with --metric mean.'],
    [`${mean} --mde 0.1 --correlation 0.5`, '--correlation 0.5 has no meaning with --metric mean.'],
    [`${mean} --mde -0.1 --margin 0.1`, '--mde -0.1 is a harm as large as --margin 0.1'],
    [
      `${mean} --margin 0.1 --sides 1`,
      '--sides 1 has no meaning with --margin: non-inferiority is one-sided',
    ],
    [`${rate} --mde 0.5`, '--mde 0.5 takes the rate from 0.6 to 1.1. Give an effect'],
    [`${rate} --margin 0.7`, '--margin 0.7 takes the rate from 0.6 to -0.1.'],
    [
      `${rate} --mde 0.1 --sd 1`,
      '--sd 1 has no meaning with --metric proportion: a rate tells its own spread.',
    ],
    [
      '--metric proportion --baseline 5 --mde 0.1',
      '--baseline 5 is no rate. Give the rate of control between 0 and 1',
    ],
    [
      '--metric proportion --baseline 0.99 --n 10',
      'No rate above --baseline 0.99 is found by 10 units of control',
    ],
    ['--metric count --baseline 0 --mde 1', '--baseline 0 is no mean count.'],
    ['--metric ratio --mde 1', '--numerator-mean is missing: a ratio is told by'],
    [`${mean} --mde 0.1 --icc 0.1`, '--icc 0.1 has no meaning without --cluster-size.'],
    [`${mean} --mde 0.1 --cluster-size 5`, '--icc is missing'],
    [`${mean} --mde 0.1 --correction holm`, '--correction holm has nothing to correct. Give --comparisons'],
    [`${mean} --mde 0.1 --looks 5`, '--looks 5 has no meaning with --plan fixed.'],
    [
      `${mean} --mde 0.1 --plan anytime --spending kim-demets`,
      '--spending kim-demets has no meaning with --plan anytime.',
    ],
    [
      `${mean} --mde 0.1 --plan group-sequential --tune-at 9`,
      '--tune-at 9 has no meaning with --plan group-sequential.',
    ],
    [
      `${mean} --mde 0.1 --plan group-sequential --information 0.5,0.9`,
      '--information 0.5,0.9 does not end at 1.',
    ],
    [`${mean} --mde 0.1 --plan hybrid --sides 1`, '--plan hybrid watches for harm and benefit'],
  ])('refuses %s', async (line, told) => {
    const { code, stdout, stderr } = await power(line)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(told)
    const { document } = await power(`${line} --json`)
    expect(document).toMatchObject({ schema: 'fairtrial.error/1', code: 'invalid-argument' })
  })
})
