import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TrailFact } from './chain.ts'
import { openTrailFile } from './trail-file.ts'
import { trailPath, verifyTrail } from './verify-trail.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-trail-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const fact = (text: string): TrailFact => ({
  at: 1_000,
  by: 'ada',
  role: 'operator',
  kind: 'note',
  experiment: 'home-row',
  detail: { text },
})

const silent = () => undefined

async function write(...texts: string[]) {
  const file = await openTrailFile(directory, silent)
  await file.append(texts.map(fact))
  await file.close()
}

it('chains entries over restarts, and reads each again', async () => {
  await write('one', 'two')
  await write('three')
  expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: 3, tornBytes: 0 })
  const file = await openTrailFile(directory, silent)
  const entries = [await file.read(1), await file.read(2), await file.read(3)]
  await file.close()
  expect(entries.map(({ detail }) => detail['text'])).toEqual(['one', 'two', 'three'])
  expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  expect(entries[0]?.previous).toBeNull()
  expect(entries[2]?.previous).toBe(entries[1]?.hash)
  expect(file.last).toEqual({ sequence: 3, hash: entries[2]?.hash })
})

it('survives a kill at any byte: what was whole is there, the rest is cut off and told', async () => {
  await write('one', 'two ü')
  const bytes = await readFile(trailPath(directory))
  const firstLine = bytes.indexOf(0x0a) + 1
  expect(firstLine).toBeGreaterThan(100)
  for (let length = 0; length <= bytes.length; length++) {
    await writeFile(trailPath(directory), bytes.subarray(0, length))
    const whole = length === bytes.length ? 2 : length >= firstLine ? 1 : 0
    const tornBytes = length - [0, firstLine, bytes.length][whole]!
    expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: whole, tornBytes })
    // Each opening syncs, which takes its time.
    if (length % 97 !== 0 && Math.abs(length - firstLine) > 1) continue
    const lines: string[] = []
    const file = await openTrailFile(directory, (line) => lines.push(line))
    expect(lines).toEqual(tornBytes > 0 ? [expect.stringContaining(`${tornBytes} bytes`)] : [])
    await file.append([fact('after')])
    await file.close()
    expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: whole + 1, tornBytes: 0 })
  }
})

it('writes over what a failed write has left behind', async () => {
  const file = await openTrailFile(directory, silent)
  await file.append([fact('one')])
  await appendFile(trailPath(directory), '{"half":')
  await file.append([fact('two')])
  await file.close()
  expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: 2, tornBytes: 0 })
})

it('calls nothing durable that a full disk has taken half of', async () => {
  const script = fileURLToPath(new URL('../../test/append-notes.ts', import.meta.url))
  // A file that may not grow beyond some blocks meets what it would on a full disk.
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `ulimit -f 8 && exec "$0" --conditions @fairtrial/source --import tsx "$@"`,
    process.execPath,
    script,
    directory,
  ])
  const { appended, error } = JSON.parse(stdout) as { appended: number; error: string }
  expect(appended).toBeGreaterThan(2)
  expect(error).toMatch(/took \d+ of \d+ bytes/)
  expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: appended })
  await write('goes on')
  expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: appended + 1, tornBytes: 0 })
})

it('does not fill up what was cut while it was open', async () => {
  const file = await openTrailFile(directory, silent)
  await file.append([fact('one'), fact('two')])
  const length = (await readFile(trailPath(directory))).indexOf(0x0a) + 1
  await truncate(trailPath(directory), length)
  await expect(file.append([fact('three')])).rejects.toThrow(/was cut from \d+ to \d+ bytes/)
  await file.close()
  expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: 1, tornBytes: 0 })
})

it('does not go on writing into a file that was removed', async () => {
  const file = await openTrailFile(directory, silent)
  await file.append([fact('one')])
  await rm(trailPath(directory))
  await expect(file.append([fact('two')])).rejects.toThrow(/was removed/)
  await file.close()
})

describe('a trail that was changed', () => {
  const changed = async (change: (lines: string[]) => string[]) => {
    await write('one', 'two', 'three')
    const lines = (await readFile(trailPath(directory), 'utf8')).trimEnd().split('\n')
    await writeFile(
      trailPath(directory),
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    )
    return verifyTrail(directory)
  }

  it.each<[string, (lines: string[]) => string[], number, RegExp]>([
    ['a word', (l) => l.map((line) => line.replace('"two"', '"too"')), 2, /its hash/],
    [
      'a hash',
      (l) => l.map((line, i) => (i === 0 ? line.replace(/"hash":"./, '"hash":"x') : line)),
      1,
      /its hash/,
    ],
    ['an entry left out', ([a, , c]) => [a!, c!], 2, /number is 3, not 2/],
    ['the first left out', ([, b, c]) => [b!, c!], 1, /number is 2, not 1/],
    ['two in another order', ([a, b, c]) => [a!, c!, b!], 2, /number is 3/],
    ['a space', (l) => l.map((line) => line.replace('{"at"', '{ "at"')), 1, /not written as entries are/],
    ['a name twice', (l) => l.map((line) => line.replace('{"at"', '{"by":"eve","at"')), 1, /not written/],
    ['a line of something else', ([a, b]) => [a!, 'hello', b!], 2, /no JSON/],
    ['an empty line', ([a, b]) => [a!, '', b!], 2, /no JSON/],
  ])('is told by %s, with the first line that does not hold', async (_, change, line, why) => {
    expect(await changed(change)).toMatchObject({
      holds: false,
      entries: line - 1,
      broken: { line, why: expect.stringMatching(why) },
    })
    await expect(openTrailFile(directory, silent)).rejects.toMatchObject({ code: 'invalid-state' })
  })

  it('is told by its end, to whoever kept it', async () => {
    await write('one', 'two')
    const kept = (await verifyTrail(directory)).last
    const length = (await readFile(trailPath(directory))).indexOf(0x0a) + 1
    await truncate(trailPath(directory), length)
    expect(await verifyTrail(directory)).toMatchObject({ holds: true, entries: 1 })
    expect((await verifyTrail(directory)).last).not.toEqual(kept)
  })

  it('is told while it is open', async () => {
    const file = await openTrailFile(directory, silent)
    await file.append([fact('one'), fact('two')])
    const text = await readFile(trailPath(directory), 'utf8')
    await writeFile(trailPath(directory), text.replace('"two"', '"too"'))
    await expect(file.read(2)).rejects.toThrow(/Entry 2 of .* was changed/)
    expect(await file.read(1)).toMatchObject({ detail: { text: 'one' } })
    await file.close()
  })
})
