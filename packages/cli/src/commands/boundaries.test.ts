import { describe, expect, it } from 'vitest'
import { fairtrial } from '../../test/terminal.ts'

const boundaries = (line: string) => fairtrial(['boundaries', ...line.split(' ').filter(Boolean)])

function expectNear(numbers: readonly number[], wanted: readonly number[], digits: number): void {
  expect(numbers).toHaveLength(wanted.length)
  for (const [i, each] of numbers.entries()) expect(each).toBeCloseTo(wanted[i] as number, digits)
}

/** Each: options, upper bounds, drift and inflation at 80 % power. */
const designs: readonly (readonly [
  line: string,
  upper: readonly number[],
  drift: number,
  inflation: number,
])[] = [
  // gsDesign 3.11.0.9003, gsDesign(test.type = 1)
  [
    '--spending hwang-shih-decani --sides 1 --looks 2',
    [2.51449520951348, 1.66381396819643],
    2.4972563195833786,
    1.00869088496279,
  ],
  // an independent Gauss-Legendre recursion, looks 0.01 apart
  [
    '--spending kim-demets --parameter 1 --information 0.33,0.34,1',
    [2.397663841013733, 2.572538231498015, 2.079370915325199],
    2.8929185943808715,
    1.0662640118040538,
  ],
  // rpact 3.3.4, getDesignGroupSequential
  [
    '--spending hwang-shih-decani --parameter -2 --alpha 0.01 --information 0.05,0.25,1',
    [3.7679236301228, 3.33340712444624, 2.60669892869191],
    3.444682551185821,
    1.0160005320667882,
  ],
  [
    '--spending lan-demets-pocock --information 0.01,0.02,0.05,0.1,0.3,1',
    [
      3.33537540822154, 3.30069809459383, 3.00896338518942, 2.84213050868129, 2.45679689169629,
      2.13283783657243,
    ],
    2.9450939976356567,
    1.1050721820785903,
  ],
  [
    '--design obrien-fleming --looks 4 --alpha 0.1',
    [3.4661997021673, 2.45097331434929, 2.00121133111129, 1.73309985108365],
    2.52921483785025,
    1.03467342976978,
  ],
  [
    '--design pocock --looks 4 --alpha 0.01',
    [2.93866383689373, 2.93866383689373, 2.93866383689373, 2.93866383689373],
    3.69054254646945,
    1.16620784342941,
  ],
  [
    '--design wang-tsiatis --shape 0.1 --sides 1',
    [3.39356659230753, 2.57184255175838, 2.18679400150973, 1.94909218107827, 1.78265940215829],
    2.5534139456794,
    1.0545673146741,
  ],
]

describe('boundaries', () => {
  it.each(designs)(
    '%s: bounds, drift and inflation of gsDesign and rpact',
    async (line, upper, drift, inflation) => {
      const { code, stderr, document } = await boundaries(`${line} --json`)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(document.schema).toBe('fairtrial.boundaries/1')
      expectNear(
        document.looks.map((look: any) => look.upper),
        upper,
        6,
      )
      expect(document.drift / drift).toBeCloseTo(1, 6)
      expect(document.inflation / inflation).toBeCloseTo(1, 6)
      expect(document.power).toBeCloseTo(0.8, 10)
    },
  )

  it('tells a bound beyond z = 8.9 as none', async () => {
    const line = '--spending lan-demets-obrien-fleming --information 0.05,0.25,1'
    const { document } = await boundaries(`${line} --json`)
    // An independent Gauss-Legendre recursion.
    expect(document.looks[0]).toMatchObject({ upper: null, nominalP: 0, alphaSpent: 0 })
    expect(document.looks[1].upper).toBeCloseTo(4.332633646049565, 6)
    expect((await boundaries(line)).stdout).toMatch(/^ {2}1 +0\.05 +none +0 +0 +0 +0$/m)
  })

  it('tells where trials end under a drift', async () => {
    const { document } = await boundaries('--information 0.3,0.6,1 --drift 1 --json')
    // gsDesign 3.11.0.9003, gsProbability()
    const { looks, power, expectedInformation, inflation } = document
    expectNear(
      looks.map((look: any) => look.underDrift.upper),
      [0.00588481736281774, 0.0266929803841082, 0.133133065422286],
      7,
    )
    expectNear(
      looks.map((look: any) => look.underDrift.lower),
      [0.000150509148491724, 0.000277122845600858, 0.00124930832142384],
      7,
    )
    expect(power).toBeCloseTo(0.165710863169212, 7)
    expect(expectedInformation.underDrift).toBeCloseTo(0.9849872301502, 7)
    expect(inflation).toBeNull()
    expect(looks[2].underNull.stopped).toBeCloseTo(0.05, 9)
    expect(looks[2].underNull.stopped).toBeCloseTo(looks[2].alphaSpent, 9)
  })

  it('bounds futility, by advice or binding', async () => {
    // gsDesign 3.11.0.9003, gsDesign(test.type = 4), tolerance 2e-5
    const advice = await boundaries(
      '--sides 1 --alpha 0.025 --futility lan-demets-pocock --information 0.25,0.375,0.5,0.75,0.875,1 --json',
    )
    const { looks, drift, inflation, expectedInformation } = advice.document
    expectNear(
      looks.map((look: any) => look.lower),
      [
        0.158528807699384, 0.473624803455474, 0.83085867542592, 1.52642745010199, 1.73804724080742,
        2.04731084802665,
      ],
      4,
    )
    expect(looks[0].underNull.lower).toBeCloseTo(0.562979938794844, 4)
    expect(drift).toBeCloseTo(3.24684731765507, 4)
    expect(inflation).toBeCloseTo(1.34312384199606, 4)
    expect(inflation * expectedInformation.underNull).toBeCloseTo(0.517278632013371, 4)
    expect(inflation * expectedInformation.underDrift).toBeCloseTo(0.845649199633144, 4)
    // test.type = 3
    const binding = await boundaries(
      '--spending lan-demets-obrien-fleming --sides 1 --alpha 0.025 --power 0.9 --futility hwang-shih-decani --binding --json',
    )
    expectNear(
      binding.document.looks.map((look: any) => look.upper),
      [4.87688494877642, 3.35701080977333, 2.68003656571253, 2.28568044946159, 1.9743441199645],
      4,
    )
    expect(binding.document).toMatchObject({
      futility: { isBinding: true, spending: { type: 'hwang-shih-decani', gamma: -2 } },
    })
    expect(binding.document.inflation).toBeCloseTo(1.06814595001515, 4)
  })

  it('spends what is left at a last look that came early, and all of it at one that came late', async () => {
    const early = await boundaries('--information 0.3,0.62 --json')
    const final = await boundaries('--information 0.3,0.62 --final --json')
    const late = await boundaries('--information 0.3,1.1 --json')
    expect(early.document.looks[1].alphaSpent).toBeLessThan(0.02)
    expect(final.document.looks[1].alphaSpent).toBeCloseTo(0.05, 9)
    expect(late.document.looks[1].alphaSpent).toBeCloseTo(0.05, 9)
    expect(final.document.looks[0]).toEqual({ ...early.document.looks[0], underDrift: expect.anything() })
    // Where the trial ended early its maximum is a share of the planned information.
    const most = (final.document.inflation * 0.62).toFixed(3)
    expect((await boundaries('--information 0.3,0.62 --final')).stdout).toContain(`at most ${most} times`)
  })

  it('bounds by a confidence sequence', async () => {
    const { document } = await boundaries('--design anytime --looks 14 --json')
    // GAVI tuned at the end: the price, mean information and error of STATISTICS.md, by exact recursion.
    const { inflation, expectedInformation, looks } = document
    expect(inflation).toBeCloseTo(1.76, 3)
    expect(inflation * expectedInformation.underDrift).toBeCloseTo(1.164, 3)
    expect(looks[13].alphaSpent).toBeCloseTo(0.0098, 4)
    expect(looks[13].lower).toBe(-looks[13].upper)
    // Statistic and multiplier of Eppo's documentation: n 100 of 10,000 tuned, 90 %.
    const eppo = await boundaries('--design anytime --alpha 0.1 --information 0.01,1 --json')
    expect(eppo.document.looks[0].upper).toBeCloseTo(8.854421497616613, 9)
  })

  it('bounds benefit and harm apart in a hybrid design', async () => {
    const { document } = await boundaries('--design hybrid --spending kim-demets --tune-at 0.5 --json')
    expect(document.rule).toEqual({ type: 'hybrid', spending: { type: 'kim-demets', power: 2 }, tuneAt: 0.5 })
    const half = await boundaries('--sides 1 --alpha 0.025 --spending kim-demets --json')
    expectNear(
      document.looks.map(({ upper }: any) => upper),
      half.document.looks.map(({ upper }: any) => upper),
      9,
    )
    // One-sided at 0.025, tuned at half of the information with 0.05.
    const rho = 0.5 / (Math.log(1 - 2 * Math.log(0.05)) - 2 * Math.log(0.05))
    expect(document.looks[4].lower).toBeCloseTo(
      -Math.sqrt(2 * (1 + rho) * Math.log(1 + Math.sqrt(1 + 1 / rho) / 0.05)),
      9,
    )
    expect(document.looks[4].alphaSpent).toBeGreaterThan(0.025)
    expect(document.looks[4].alphaSpent).toBeLessThan(0.05)
    expect((await boundaries('--design hybrid')).stdout).toMatch(/ z +harm +p of /)
  })

  it('takes spending as given', async () => {
    const { document } = await boundaries('--spending given --shares 0.1,0.4,1 --looks 3 --json')
    expectNear(
      document.looks.map((look: any) => look.alphaSpent),
      [0.005, 0.02, 0.05],
      9,
    )
  })

  it.each([
    ['--alpha 0.7', "'--alpha <p>' argument '0.7' is invalid. Give a number between 0 and 0.5, as 0.05."],
    ['--sides 3', "'--sides <n>' argument '3' is invalid. Give 1 or 2."],
    ['--looks 51', "'--looks <n>' argument '51' is invalid. Give a whole number from 1 to 50."],
    ['--information 0.5,0.4', "argument '0.5,0.4' is invalid. Give at most 50 fractions of the planned"],
    ['--information 0.5,,1', "argument '0.5,,1' is invalid."],
    [
      '--looks 3 --information 0.5,1',
      '--looks 3 and --information 0.5,1 are not as many. Give one of the two.',
    ],
    ['--information 0.5,0.500001', '--information[1] is 0.500001 after 0.5. Each look must add'],
    [
      '--parameter -200',
      '--parameter -200 is out of range for --spending hwang-shih-decani. Give a gamma from -100 to 100',
    ],
    [
      '--spending lan-demets-pocock --parameter 2',
      '--parameter 2 has no meaning with --spending lan-demets-pocock. Leave --parameter out.',
    ],
    ['--spending given', '--shares is missing: --spending given needs the cumulative share of each look.'],
    ['--shares 0.5,1', '--shares 0.5,1 has no meaning without --spending given.'],
    [
      '--design pocock --spending kim-demets',
      '--spending kim-demets has no meaning with --design pocock. Leave --spending out.',
    ],
    ['--design wang-tsiatis', '--shape is missing'],
    ['--design pocock --shape 0.2', '--shape 0.2 has no meaning with --design pocock.'],
    [
      '--futility kim-demets',
      '--futility kim-demets needs one side: the lower bound is its own. Give --sides 1',
    ],
    ['--futility kim-demets --sides 1 --design pocock', 'Give --spending in place of --design.'],
    ['--futility-parameter 2', '--futility-parameter 2 has no meaning without --futility.'],
    [
      '--futility kim-demets --sides 1 --futility-parameter 0',
      '--futility-parameter 0 is out of range for --futility kim-demets. Give a power above 0',
    ],
    [
      '--futility lan-demets-pocock --sides 1 --futility-parameter 1',
      '--futility-parameter 1 has no meaning with --futility lan-demets-pocock.',
    ],
    [
      '--futility hwang-shih-decani --sides 1 --futility-parameter 60',
      'Choose a --futility that spends later',
    ],
    ['--design wang-tsiatis --shape 3', '--shape is 3. Give 0'],
    ['--tune-at 0.5', '--tune-at 0.5 has no meaning without --design anytime or hybrid.'],
    ['--design anytime --parameter 2', '--parameter 2 has no meaning with --design anytime.'],
    [
      '--design hybrid --sides 1',
      '--sides 1 has no meaning with --design hybrid: it watches for harm and benefit',
    ],
    ['--binding', '--binding has no meaning without --futility. Leave --binding out.'],
    ['--power 0.8 --drift 2', "cannot be used with option '--power <p>'"],
  ])('refuses %s, naming option, value and remedy', async (line, told) => {
    const { code, stdout, stderr } = await boundaries(line)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(told)
    const { document } = await boundaries(`${line} --json`)
    expect(document).toMatchObject({ schema: 'fairtrial.error/1', code: 'invalid-argument' })
  })
})
