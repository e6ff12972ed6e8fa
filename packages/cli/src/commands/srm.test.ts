import { describe, expect, it } from 'vitest'
import { fairtrial } from '../../test/terminal.ts'

const srm = (observed: string, weights: string, ...args: string[]) =>
  fairtrial(['srm', '--observed', observed, '--weights', weights, ...args])

describe('srm', () => {
  it('tests two counts: those of Cookie Cats, against scipy', async () => {
    const { code, stderr, document } = await srm('44700,45489', '1,1', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(document).toMatchObject({
      schema: 'fairtrial.sample-ratio/1',
      verdict: 'ok',
      alpha: 0.001,
      units: 90_189,
      arms: [
        { name: 'arm 1', observed: 44_700, weight: 1, expected: 45_094.5 },
        { name: 'arm 2', observed: 45_489, weight: 1, expected: 45_094.5 },
      ],
      fixed: { degreesOfFreedom: 1 },
    })
    expect(document.fixed.chiSquare).toBeCloseTo(6.902404949605828, 11)
    expect(document.fixed.pValue).toBeCloseTo(0.008607987810836229, 15)
    expect(Math.exp(document.fixed.logP)).toBeCloseTo(document.fixed.pValue, 12)
    expect(document).not.toHaveProperty('sequential')
    expect(await srm('44700,45489', '1,1', '--alpha', '0.01')).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('Sample ratio mismatch at alpha 0.01.\n'),
    })
  })

  it('goes by the test for any number of looks where it is asked to', async () => {
    // p 0.0005 at one look: at one of many looks, no more than chance will do.
    const counts = ['5174,4826', '1,1'] as const
    const fixed = await srm(...counts, '--json')
    const sequential = await srm(...counts, '--sequential', '--json')
    expect(fixed).toMatchObject({ code: 5, document: { verdict: 'mismatch' } })
    expect(sequential).toMatchObject({
      code: 0,
      document: { verdict: 'ok', fixed: fixed.document.fixed, sequential: { concentration: 10_000 } },
    })
    // mpmath 1.3.0, 40 digits, of the textbook form.
    expect(sequential.document.sequential.logBayesFactor).toBeCloseTo(2.6813181088885087, 10)
    const gross = await srm('5300,4700', '1,1', '--sequential', '--json')
    expect(gross).toMatchObject({ code: 5, document: { verdict: 'mismatch' } })
    const { anytimePValue, logBayesFactor, logP } = gross.document.sequential
    expect(anytimePValue).toBeCloseTo(Math.exp(-logBayesFactor), 12)
    expect(logP).toBe(-logBayesFactor)
    const diffuse = await srm('5300,4700', '1,1', '--sequential', '--concentration', '1', '--json')
    expect(diffuse.document.sequential.logBayesFactor).not.toBeCloseTo(logBayesFactor, 1)
  })

  it.each([
    ['names in both, in any order', 'control=120,model=380', 'model=3,control=1'],
    ['names of the counts', 'control=120,model=380', '1,3'],
    ['names of the weights', '120,380', 'control=1,model=3'],
    ['spaces', 'control=120, model=380', ' 1, 3'],
  ])('takes %s', async (_, observed, weights) => {
    const { document } = await srm(observed, weights, '--json')
    expect(document.arms).toEqual([
      { name: 'control', observed: 120, weight: 1, expected: 125, deviation: -0.04 },
      { name: 'model', observed: 380, weight: 3, expected: 375, deviation: expect.closeTo(0.01333, 5) },
    ])
  })

  it('takes weights of any sum, and any number of arms', async () => {
    const [ones, shares] = await Promise.all([
      srm('600,300,130', '6,3,1', '--json'),
      srm('600,300,130', '0.6,0.3,0.1', '--json'),
    ])
    expect(ones.document.fixed.degreesOfFreedom).toBe(2)
    expect(shares.document.fixed.chiSquare).toBeCloseTo(ones.document.fixed.chiSquare, 9)
  })

  it('tells a p too small for a double by its logarithm, and never as 0', async () => {
    const { code, stdout } = await srm('4000,2000', '1,1', '--sequential')
    const { document } = await srm('40000,20000', '1,1', '--json')
    expect(code).toBe(5)
    expect(stdout).not.toMatch(/p 0\b|NaN|Infinity/)
    expect(document.fixed.pValue).toBeGreaterThan(0)
    expect(document.fixed.logP).toBeLessThan(-3_000)
  })

  it('says nothing of the ratio of no units, and exits 4', async () => {
    for (const args of [[], ['--sequential']]) {
      const { code, stdout } = await srm('0,0', '1,1', ...args)
      expect(code).toBe(4)
      expect(stdout).toContain('No units')
      expect(stdout).not.toMatch(/NaN|Infinity/)
    }
    expect((await srm('0,0', '1,1', '--json')).document).toMatchObject({ verdict: 'unknown', fixed: null })
  })

  it('says where the chi-square is too rough to go by', async () => {
    const rough = 'The chi-square is rough below 5 expected units'
    expect(await srm('18,2', '99,1')).toMatchObject({ code: 5, stdout: expect.stringContaining(rough) })
    const exact = await srm('18,2', '99,1', '--sequential')
    expect(exact.code).toBe(0)
    expect(exact.stdout).not.toContain(rough)
    expect((await srm('1800,20', '99,1')).stdout).not.toContain(rough)
  })

  it('is laid out in 80 columns for people', async () => {
    for (const args of [[], ['--sequential']]) {
      const { stdout } = await srm('control=44700,late=40000', '1,1', ...args)
      expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
      expect(stdout).toContain('Look for what one arm loses or gains')
    }
  })

  it.each([
    ['120', '1,1', "option '--observed <counts>' argument '120' is invalid. This is one arm. Give a whole"],
    ['120,x', '1,1', '"x" will not do. Give a whole number for each arm: 120,130'],
    ['120,1.5', '1,1', '"1.5" will not do.'],
    ['120,-1', '1,1', '"-1" will not do.'],
    ['120,', '1,1', '"" will not do.'],
    ['a=1,2', '1,1', 'Name every arm or none.'],
    ['=1,=2', '1,1', 'Name every arm or none.'],
    ['a=1,a=2', '1,1', '"a" stands there twice.'],
    [
      '1,2',
      '1,0',
      "option '--weights <weights>' argument '1,0' is invalid. \"0\" will not do. Give a number above 0",
    ],
    ['1,2', '1,Infinity', '"Infinity" will not do.'],
    ['1,2,3', '1,1', '--observed 1,2,3 and --weights 1,1 are not of the same arms.'],
    ['1,2', '1,1,1', '--observed 1,2 and --weights 1,1,1 are not of the same arms.'],
    [
      'a=1,b=2',
      'a=1,c=1',
      '--observed a=1,b=2 and --weights a=1,c=1 are not of the same arms: "b" has no weight.',
    ],
  ])('refuses counts %s with weights %s', async (observed, weights, why) => {
    const { code, stderr, document } = await srm(observed, weights, '--json')
    expect(code).toBe(2)
    expect(stderr).toContain(why)
    expect(document).toMatchObject({ schema: 'fairtrial.error/1', code: 'invalid-argument' })
  })

  it.each([
    ['--alpha', '0', 'Give a number between 0 and 1'],
    ['--alpha', '1', 'Give a number between 0 and 1'],
    ['--alpha', 'low', 'Give a number between 0 and 1'],
    ['--concentration', '0', 'Give a number above 0'],
    ['--concentration', 'Infinity', 'Give a number above 0'],
  ])('refuses %s %s', async (option, value, why) => {
    const { code, stderr } = await srm('1,2', '1,1', option, value)
    expect(code).toBe(2)
    expect(stderr).toContain(option)
    expect(stderr).toContain(`'${value}'`)
    expect(stderr).toContain(why)
  })

  it('needs both counts and weights', async () => {
    expect(await fairtrial(['srm', '--observed', '1,2'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("required option '--weights <weights>' not specified"),
    })
  })
})
