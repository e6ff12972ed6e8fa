import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kept } from '../../test/tokens-file.ts'
import { findTokens, readTokens, tokensOf } from './tokens.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-tokens-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe('tokens', () => {
  it('FAULTS 62: are known by their hash, until they expire', () => {
    let now = 1000
    const tokens = findTokens([kept('one'), kept('two', { role: 'admin', expiresAt: 2000 })], () => now)
    expect(tokens.callerOf('one')).toEqual({ name: 'one', role: 'viewer' })
    expect(tokens.callerOf('two')).toEqual({ name: 'two', role: 'admin' })
    for (const wrong of ['', 'on', 'onee', 'One', kept('one').sha256])
      expect(tokens.callerOf(wrong)).toBeNull()
    now = 2000
    expect(tokens.callerOf('two')).toBeNull()
    expect(tokens.callerOf('one')).not.toBeNull()
  })

  it.each([
    ['what is no JSON', '[', 'cannot be read'],
    ['no tokens', '[]', 'lists no tokens'],
    ['a token in clear', '[{"name":"a","role":"viewer","token":"x"}]', '[0].sha256'],
    ['a role that there is not', JSON.stringify([{ ...kept('a'), role: 'toString' }]), '[0].role'],
    ['a name that would break a line', JSON.stringify([kept('a', { name: 'a\nb' })]), '[0].name'],
    ['the name of the loop', JSON.stringify([kept('a', { name: 'Controller' })]), 'that of the loop'],
    ['two of one name', JSON.stringify([kept('a'), kept('b', { name: 'a' })]), 'one name'],
    ['one person by two names', JSON.stringify([kept('a b'), kept('b', { name: 'A  B' })]), 'one name'],
    ['an expiry that is no time', JSON.stringify([{ ...kept('a'), expiresAt: '2026' }]), '[0].expiresAt'],
    ['null', '[null]', '[0].name'],
  ])('are refused where the file has %s', async (_, text, message) => {
    const path = join(directory, 'wrong.json')
    await writeFile(path, text)
    await expect(readTokens(path)).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining(message) as string,
    })
  })

  it('are read again when the file changes; a file that is broken leaves the old ones in force, loudly', async () => {
    const path = join(directory, 'tokens.json')
    await writeFile(path, JSON.stringify([kept('old')]))
    const lines: string[] = []
    const tokens = await tokensOf(path, { now: () => 0, log: (line) => lines.push(line), everyMs: 10 })
    try {
      await writeFile(path, JSON.stringify([kept('new')]))
      await expect.poll(() => tokens.callerOf('new')).not.toBeNull()
      expect(tokens.callerOf('old')).toBeNull()
      await writeFile(path, '[')
      await tokens.reload()
      expect(tokens.callerOf('new')).not.toBeNull()
      expect(lines.join('\n')).toContain('THE OLD TOKENS STAY IN FORCE')
    } finally {
      tokens.close()
    }
  })
})
