import { hashUtf8 } from '@fairtrial/assignment'
import { parseLogEvent } from '@fairtrial/protocol'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { change, trialYaml } from '../../test/trial.ts'

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const file = (text = trialYaml) => folderWith({ 'trial.yaml': text })('trial.yaml')

describe('assign', () => {
  it('prints a JSON line for a unit', async () => {
    const { code, stdout, stderr } = await fairtrial(['assign', file(), '--unit', 'viewer-1'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [line] = linesOf(stdout)
    expect(line).toMatchObject({
      schema: 'fairtrial.assignment/1',
      unitId: 'viewer-1',
      reason: 'assigned',
      phase: 1,
    })
    expect(line?.['variant']).toMatch(/^(control|model)$/)
    expect(parseLogEvent(line)).toMatchObject({ ok: false }) // an assignment is no exposure
  })

  it('answers each line of standard input with a line, in order; no id is a reason', async () => {
    const ids = ['viewer-1', '', 'ü 📺 ', 'viewer-1', 'x'.repeat(1025), 'a\u2028b', '{"unitId":"x"}']
    const { stdout } = await fairtrial(['assign', file(), '--units', '-'], `\uFEFF${ids.join('\r\n')}`)
    const lines = linesOf(stdout)
    expect(lines.map(({ unitId }) => unitId)).toEqual(
      ids.map((id) => (id === '' || id.length > 1024 ? null : id)),
    )
    expect(lines.map(({ reason }) => reason)).toEqual(
      ids.map((id) => (id === '' ? 'no-unit-id' : id.length > 1024 ? 'invalid-unit-id' : 'assigned')),
    )
    expect(lines[3]).toEqual(lines[0])
  })

  it('enrols the share of units that is asked for, with a null variant for the others', async () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `viewer-${n}`).join('\n')
    const enrolled = async (percent: string) => {
      const { stdout } = await fairtrial(['assign', file(), '--units', '-', '--traffic', percent], ids)
      return linesOf(stdout).filter(({ variant }) => variant !== null)
    }
    expect(await enrolled('0')).toEqual([])
    expect(await enrolled('100')).toHaveLength(2000)
    expect((await enrolled('25')).length / 2000).toBeCloseTo(0.25, 1)
  })

  it('FAULTS 4: attributes with the names of an object’s own are plain data', async () => {
    const eligible = file(`${trialYaml}\neligibility: { attribute: constructor, equals: DE }`)
    const reasonOf = async (attributes: string) => {
      const { stdout } = await fairtrial(['assign', eligible, '--unit', 'v', '--attributes', attributes])
      return linesOf(stdout)[0]?.['reason']
    }
    expect(await reasonOf('{}')).toBe('not-eligible')
    expect(await reasonOf('{"__proto__":{"constructor":"DE"}}')).toBe('not-eligible')
    expect(await reasonOf('{"constructor":"DE","__proto__":{"x":1}}')).toBe('assigned')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it.each([
    [['--unit', 'a', '--units', '-'], 'cannot be used with'],
    [[], 'give --unit ID or --units -'],
    [['--units', 'ids.txt'], 'Allowed choices are -'],
    [['--unit', 'a', '--attributes', '{'], 'Not JSON'],
    [['--unit', 'a', '--attributes', '[]'], 'Give a JSON object'],
    [['--unit', 'a', '--traffic', '101'], 'Give 0 to 100'],
    [['--unit', 'a', '--nonsense'], "unknown option '--nonsense'"],
  ])('refuses %j', async (args, why) => {
    const { code, stdout, stderr } = await fairtrial(['assign', file(), ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(why)
  })

  it('refuses bytes that are not UTF-8, after the lines before them', async () => {
    const { code, stdout, stderr } = await fairtrial(
      ['assign', file(), '--units', '-'],
      Uint8Array.of(0x61, 0x0a, 0xff),
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('not UTF-8')
  })
})

describe('explain', () => {
  it('tells each step up to the one that decides', async () => {
    const eligible = file(
      change(
        trialYaml,
        'unitType: viewer',
        'unitType: viewer\neligibility: { attribute: country, equals: DE }',
      ),
    )
    const ask = (country: string) =>
      fairtrial([
        'explain',
        eligible,
        '--unit',
        'viewer-1',
        '--attributes',
        JSON.stringify({ country }),
        '--json',
      ])
    const german = await ask('DE')
    expect(german.document).toMatchObject({
      schema: 'fairtrial.explanation/1',
      assignment: { reason: 'assigned' },
    })
    expect(german.document.steps.at(-1)).toMatchObject({ step: 'variant', passed: true })
    const french = await ask('FR')
    expect(french.document.assignment).toMatchObject({ variant: null, reason: 'not-eligible' })
    const { stdout } = await fairtrial(['explain', eligible, '--unit', 'viewer-1'])
    expect(stdout).toContain('"viewer-1" → control, not enrolled (not-eligible)')
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
  })
})

describe('hash', () => {
  it('hashes each line as it stands', async () => {
    const lines = ['', 'a', 'ü 📺', 'a\r', '\uFEFFa', 'x'.repeat(200_000)]
    const { code, stdout } = await fairtrial(['hash', '--seed', '4294967295', '-'], `${lines.join('\n')}\n`)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').map(Number)).toEqual(lines.map((line) => hashUtf8(line, 4294967295)))
  })

  it.each([['--seed', '-1', '-'], ['--seed', '4294967296', '-'], ['--seed', '1.5', '-'], ['file.txt'], []])(
    'refuses %j',
    async (...args) => {
      expect(await fairtrial(['hash', ...args])).toMatchObject({ code: 2, stdout: '' })
    },
  )
})
