import { describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../../test/terminal.ts'
import { change, trialYaml } from '../../test/trial.ts'

const layered = (key: string, from: number, to: number) =>
  `${change(trialYaml, 'home-ranking', key)}\nlayer: { name: home, fromPercent: ${from}, toPercent: ${to} }`

describe('check', () => {
  it('prints the seal, the sentence that can be false, and what will be regretted', async () => {
    const path = folderWith({ 'trial.yaml': trialYaml })
    const { code, stdout, stderr } = await fairtrial(['check', path('trial.yaml')])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${path('trial.yaml')}: home-ranking is valid`)
    expect(stdout).toMatch(/fingerprint [0-9a-f]{64}\n/)
    expect(stdout).toContain('no-hard-limit')
    const { document } = await fairtrial(['check', path('trial.yaml'), '--json'])
    expect(document).toMatchObject({
      schema: 'fairtrial.check/1',
      valid: true,
      definitions: [{ file: path('trial.yaml'), valid: true, key: 'home-ranking', findings: [{}, {}, {}] }],
      collisions: [],
    })
    expect(stdout).toContain(document.definitions[0].fingerprint)
  })

  it('tells the problems of all files, and what is valid among them', async () => {
    const path = folderWith({
      'a.yaml': change(trialYaml, 'weight: 1 }', 'weight: 0 }'),
      'b.yaml': trialYaml,
      'c.json': '{"key": ',
    })
    const files = [path('a.yaml'), path('b.yaml'), path('c.json'), path('d.json')]
    const { code, stdout, stderr } = await fairtrial(['check', ...files])
    expect(code).toBe(2)
    expect(stdout).toMatch(/^\S+b\.yaml: home-ranking is valid/)
    expect(stderr).toContain(`${files[0]}:12:30 variants[0].weight: `)
    expect(stderr).toContain(`${files[2]}:1:9 cannot be read as JSON`)
    expect(stderr).toContain(`${files[3]} cannot be read: ENOENT`)
    const { document } = await fairtrial(['check', ...files, '--json'])
    expect(document).toMatchObject({
      schema: 'fairtrial.check/1',
      valid: false,
      definitions: [
        { valid: false, problems: [{ path: 'variants[0].weight', line: 12, column: 30, value: 0 }] },
        { valid: true },
        { valid: false, code: 'unreadable-definition', problems: [{ line: 1, column: 9 }] },
        { valid: false },
      ],
    })
  })

  it('names both files of one key, and both of one part of a layer', async () => {
    const path = folderWith({
      'a.yaml': layered('first', 0, 60),
      'b.yaml': layered('second', 50, 100),
      'c.yaml': layered('second', 0, 0.5).replace('name: home,', 'name: elsewhere,'),
    })
    const [a, b, c] = [path('a.yaml'), path('b.yaml'), path('c.yaml')]
    const { code, stderr } = await fairtrial(['check', a, b, c])
    expect(code).toBe(2)
    expect(stderr).toContain(
      `${a} and ${b} collide: second holds [50 %, 100 %) of layer home and first holds`,
    )
    expect(stderr).toContain(`${b} and ${c} collide: Two trials have the key second.`)
    const { document } = await fairtrial(['check', a, b, c, '--json'])
    expect(document.collisions.map(({ files }: { files: string[] }) => files)).toEqual([
      [a, b],
      [b, c],
    ])
    expect(await fairtrial(['check', a, a])).toMatchObject({ code: 0 })
  })
})
