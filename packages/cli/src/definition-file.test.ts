import { truncateSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../test/terminal.ts'
import { change, trial, trialYaml } from '../test/trial.ts'
import { readDefinition, readDefinitions } from './definition-file.ts'
import { isExperimentError } from './definition-problem.ts'

const trialJson = JSON.stringify({ ...trial, description: 'Größer 📺' }, null, '\t')

const write = (name: string, content: string | Uint8Array) => folderWith({ [name]: content })(name)

/** What the command says of a file that it refuses. */
async function refusalOf(name: string, content: string | Uint8Array): Promise<string> {
  const file = write(name, content)
  const { code, stdout, stderr } = await fairtrial(['explain', file, '--unit', 'viewer-1'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).not.toMatch(/\n\s+at /)
  return stderr.replaceAll(file, name)
}

describe('a definition of text', () => {
  it('is one and the same in JSON and YAML', async () => {
    const [json, yaml] = await Promise.all([
      readDefinition(write('trial.json', JSON.stringify(trial))),
      readDefinition(write('trial.yaml', trialYaml)),
    ])
    expect(yaml).toEqual(json)
    expect(json.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    ['trial.json', trialJson],
    ['trial.yaml', trialYaml],
  ])('FAULTS 1: %s cut off at any byte is refused with its place', async (name, text) => {
    const bytes = Buffer.from(text)
    const file = write(name, bytes)
    for (let length = bytes.length - 1; length >= 0; length--) {
      truncateSync(file, length)
      const error = await readDefinition(file).then(
        () => expect.unreachable(`The first ${length} bytes pass for a trial.`),
        (error: unknown) => error,
      )
      if (!isExperimentError(error)) throw error
      expect(error.code).toMatch(/^(unreadable|invalid)-definition$/)
      expect(error.message).toMatch(new RegExp(`${name}:\\d+:\\d+`))
      expect(error.problems.length).toBeGreaterThan(0)
    }
  })

  it.each([
    ['{"key": x}', '1:9'],
    ['{\n  "key": "a",\n  "unitType": tru\n}', '3:18'],
    ['{\n"key": "a" "unitType"', '2:12'],
    ['', '1:1'],
    ['[1, 2', '1:6'],
  ])('FAULTS 1: malformed JSON %j is told at %s', async (text, place) => {
    expect(await refusalOf('trial.json', text)).toContain(`trial.json:${place} cannot be read as JSON: `)
  })

  it.each(['trial.json', 'trial.yaml', 'trial.mjs'])(
    'FAULTS 2: %s of 50 MB is refused before it is read',
    async (name) => {
      const file = write(name, '')
      truncateSync(file, 50 * 1024 * 1024)
      const { code, stderr } = await fairtrial(['check', file])
      expect(code).toBe(2)
      expect(stderr).toContain('is 52428800 bytes. A definition has at most 5242880 bytes.')
    },
  )

  it('FAULTS 3: a bomb of aliases is refused', async () => {
    const laughs = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]']
    for (const [at, name] of 'bcdefghi'.split('').entries()) {
      laughs.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(', ')}]`)
    }
    expect(await refusalOf('trial.yaml', laughs.join('\n'))).toContain(
      'trial.yaml:2:8 cannot be read as YAML: ',
    )
  })

  it.each(['trial.json', 'trial.yaml'])(
    'FAULTS 3: %s of a hundred thousand levels is refused',
    async (name) => {
      const deep = `{"key": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`
      expect(await refusalOf(name, deep)).toContain('levels deep')
      if (name === 'trial.yaml') expect(await refusalOf(name, '- '.repeat(1e5))).toContain('levels deep')
    },
  )

  it('FAULTS 3: repeated keys are refused, in YAML and in JSON', async () => {
    const twiceYaml = change(trialYaml, 'unitType: viewer', 'unitType: viewer\nunitType: session')
    expect(await refusalOf('trial.yaml', twiceYaml)).toContain(
      'trial.yaml:11:1 cannot be read as YAML: the key "unitType" stands here for the second time.',
    )
    const twiceJson = change(trialJson, '"role": "primary"', '"role": "primary",\n"role": "guardrail"')
    expect(await refusalOf('trial.json', twiceJson)).toMatch(
      /trial\.json:\d+:1 cannot be read as JSON: the key "role" stands/,
    )
  })

  it('FAULTS 3: tabs indent JSON and not YAML', async () => {
    await readDefinition(write('trial.json', trialJson))
    const tabs = change(trialYaml, '  change:', '\tchange:')
    expect(await refusalOf('trial.yaml', tabs)).toContain('trial.yaml:4:1 cannot be read as YAML: Tabs')
  })

  it.each([
    ['trial.yaml', trialYaml],
    ['trial.json', JSON.stringify(trial, null, 2)],
  ])('FAULTS 3: a BOM and CRLF change nothing in %s', async (name, text) => {
    const plain = await readDefinition(write(name, text))
    const odd = await readDefinition(write(name, `\uFEFF${text.replaceAll('\n', '\r\n')}`))
    expect(odd).toEqual(plain)
  })

  it('FAULTS 3: what is not UTF-8 is refused at its place', async () => {
    const latin1 = Buffer.from(trialYaml, 'latin1')
    expect(await refusalOf('trial.yaml', latin1)).toContain('trial.yaml:15:15 is not UTF-8 from here on.')
  })

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    'FAULTS 4: %s names nothing',
    async (name) => {
      const asVariant = change(trialYaml, '- name: model', `- name: ${name}`)
      const asMetric = trialYaml.replaceAll('watched', name)
      const asKey = change(trialYaml, 'key: home-ranking', `key: ${name}`)
      const asJson = change(JSON.stringify(trial), '"unitType"', `"${name}": {"x": 1}, "unitType"`)
      expect(await refusalOf('trial.yaml', asVariant)).toContain('trial.yaml:13:11 variants[1].name')
      expect(await refusalOf('trial.yaml', asMetric)).toMatch(
        new RegExp(`trial.yaml:18:\\d+ metrics.${name}: `),
      )
      expect(await refusalOf('trial.yaml', asKey)).toContain('trial.yaml:2:6 key')
      expect(await refusalOf('trial.json', asJson)).toContain(name)
      expect(({} as { x?: unknown }).x).toBeUndefined()
    },
  )

  it('FAULTS 5: wrong weights are refused with the arithmetic, whatever they are', async () => {
    const wrong = fc.oneof(
      fc.integer({ max: 0 }),
      fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom('NaN', '.nan', '.inf', 'one', '""', 'null', '1e309'),
    )
    await fc.assert(
      fc.asyncProperty(wrong, async (weight) => {
        const refusal = await refusalOf('trial.yaml', change(trialYaml, 'weight: 1 }', `weight: ${weight} }`))
        expect(refusal).toMatch(/trial\.yaml:12:30 variants\[0\]\.weight: .* The weights: .* \+ 1 = /)
      }),
      { numRuns: 50 },
    )
  })

  it('FAULTS 5: takes 100 variants of any weights, and no name twice', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => ({ name: `v${n}`, weight: n + 1 }))
    const many = { ...trial, control: 'v0', variants: hundred }
    expect((await readDefinition(write('trial.json', JSON.stringify(many)))).variants).toHaveLength(100)
    const twice = change(trialYaml, '- name: model', '- name: control')
    expect(await refusalOf('trial.yaml', twice)).toContain('trial.yaml:13:11 variants[1].name')
  })

  it('places each problem, also below names with dots, and what is missing where it should be', async () => {
    const text = change(
      change(trialYaml, 'type: proportion', 'type: share'),
      'action: abort',
      'action: panic',
    ).replace('unitType: viewer\n', '')
    const refusal = await refusalOf('trial.yaml', text)
    expect(refusal).toContain('trial.yaml:19:11 metrics.start.rate.type: ')
    expect(refusal).toContain('trial.yaml:25:63 guardrails[0].action: ')
    expect(refusal).toContain('trial.yaml:2:1 unitType: ')
  })

  it('refuses another ending, a folder and a file that is not there', async () => {
    expect(await refusalOf('trial.toml', 'key = 1')).toContain(
      'trial.toml has the ending ".toml". Use .json,',
    )
    const path = folderWith({ 'folder.yaml/inside': '' })
    for (const file of [path('folder.yaml'), path('nowhere.json')]) {
      const { code, stderr } = await fairtrial(['check', file])
      expect(code).toBe(2)
      expect(stderr).toContain(`${file} cannot be read: `)
    }
  })
})

describe('a definition of a module', () => {
  const two = `
    const trial = ${JSON.stringify(trial)}
    export const first = trial
    export const others = [{ ...trial, key: 'second' }, { ...trial, key: 'third' }]
    export const size = 3`

  it('is taken by the name of its export or by its key', async () => {
    const file = write('trials.mjs', two)
    expect((await readDefinitions(file)).map(({ key }) => key)).toEqual(['home-ranking', 'second', 'third'])
    expect((await readDefinition(`${file}#first`)).key).toBe('home-ranking')
    expect((await readDefinition(`${file}#third`)).key).toBe('third')
    await expect(readDefinition(file)).rejects.toThrow(
      `several definitions: home-ranking, second, third. Name one: ${file}#home-ranking.`,
    )
    await expect(readDefinition(`${file}#fourth`)).rejects.toThrow('exports no definition "fourth"')
  })

  it('is what it seals: a fingerprint that this command does not make is refused', async () => {
    const sealed = await readDefinition(write('trial.json', JSON.stringify(trial)))
    const module = (fingerprint: string) =>
      write('trial.mjs', `export const trial = ${JSON.stringify({ ...sealed, fingerprint })}`)
    expect(await readDefinition(module(sealed.fingerprint))).toEqual(sealed)
    await expect(readDefinition(module('f'.repeat(64)))).rejects.toMatchObject({
      code: 'unsupported-version',
    })
  })

  it.each([
    ['export const answer = 42', 'exports no definition.'],
    ["throw new Error('no such model')", 'cannot be loaded: no such model.'],
    ["throw 'a string'", 'cannot be loaded: a string.'],
    ['export const = 1', 'cannot be loaded: '],
    ["import './nowhere.mjs'", 'cannot be loaded: '],
  ])('is refused: %s', async (source, why) => {
    expect(await refusalOf('trial.mjs', source)).toContain(`trial.mjs ${why}`)
  })
})
