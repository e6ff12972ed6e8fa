import { expect, it } from 'vitest'
import { versionTest } from './semver.ts'

const isIn = (range: string, version: string) => versionTest(range)(version)

it('orders versions as semver.org §11 does', () => {
  const rising = [
    '0.9.9',
    '1.0.0-0',
    '1.0.0-9007199254740993',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
    '9007199254740993.0.0',
    '9007199254740994.0.0',
  ]
  for (const [i, low] of rising.entries()) {
    for (const [j, high] of rising.entries()) {
      expect(isIn(`<${high}`, low), `${low} < ${high}`).toBe(i < j)
      expect(isIn(`>=${high}`, low), `${low} >= ${high}`).toBe(i >= j)
      expect(isIn(`=${high}`, low), `${low} = ${high}`).toBe(i === j)
    }
  }
})

it('asks every comparator, and takes a bare version as equality', () => {
  const supported = versionTest('  >=2.1.0   <3.0.0 ')
  const versions = ['2.0.9', '2.1.0', '2.99.0', '3.0.0', '2.1.0-rc.1']
  expect(versions.map(supported)).toEqual([false, true, true, false, false])
  expect(isIn('>1.0.0 <=2.0.0', '2.0.0')).toBe(true)
  expect(isIn('1.2.3', '1.2.3+build.5')).toBe(true)
})

it('puts no malformed version into a range, and no version into a malformed range', () => {
  for (const version of [
    '',
    '1',
    '1.2',
    'v1.2.3',
    '01.2.3',
    '1.2.3-01',
    '1.2.3-',
    '1.2.3 ',
    '١.2.3',
    '1.2.3-é',
  ]) {
    expect(isIn('>=0.0.0', version), version).toBe(false)
  }
  for (const range of ['', '^1.0.0', '~1.0.0', '>=1', '>= 1.0.0', '=>1.0.0', '1.x', '>=1.0.0 nonsense']) {
    expect(isIn(range, '1.0.0'), range).toBe(false)
  }
  expect(isIn('>=0.0.0', `1.0.0-${'a'.repeat(1_000_000)}`)).toBe(false)
})
