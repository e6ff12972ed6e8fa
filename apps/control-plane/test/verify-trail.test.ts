import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { chain, lineOf, type TrailFact } from '../src/trail/chain.ts'
import { openTrailFile } from '../src/trail/trail-file.ts'
import { trailPath } from '../src/trail/verify-trail.ts'
import { spawnPlane } from './spawned-plane.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-verify-'))
})
afterEach(() => rm(directory, { recursive: true }))

const note = (text: string): TrailFact => ({
  at: 1,
  by: 'ada',
  role: 'operator',
  kind: 'note',
  experiment: 'home-row',
  detail: { text },
})

it('--verify-trail says whether a trail holds, and where it does not', async () => {
  const file = await openTrailFile(directory, () => undefined)
  await file.append([note('one'), note('two'), note('three')])
  await file.close()
  const whole = await spawnPlane(['--verify-trail', directory]).ended
  expect([whole.code, JSON.parse(whole.stdout)]).toEqual([
    0,
    { holds: true, entries: 3, last: file.last, broken: null, tornBytes: 0 },
  ])

  const text = await readFile(trailPath(directory), 'utf8')
  await writeFile(trailPath(directory), text.replace('"two"', '"too"'))
  const changed = await spawnPlane(['--verify-trail', directory]).ended
  expect([changed.code, JSON.parse(changed.stdout)]).toMatchObject([1, { holds: false, broken: { line: 2 } }])
  expect(changed.stderr).toBe(
    'control plane: The trail does not hold: of line 2, its hash is not that of what it says. Entries before it that hold: 1.\n',
  )
})

it('--trail-end finds what --verify-trail alone cannot: an end that was cut off, or written anew with new hashes', async () => {
  const facts = [note('one'), note('two'), note('three')]
  const file = await openTrailFile(directory, () => undefined)
  await file.append(facts)
  const { sequence, hash } = file.last!
  await file.close()
  const verify = async () => {
    const ended = await spawnPlane(['--verify-trail', directory, '--trail-end', `${sequence}:${hash}`]).ended
    return [ended.code, JSON.parse(ended.stdout)] as const
  }
  const longer = await openTrailFile(directory, () => undefined)
  await longer.append([note('four')])
  await longer.close()
  expect(await verify()).toMatchObject([0, { holds: true, entries: 4 }])

  const first = chain(null, note('one'))
  const second = chain(first, note('too'))
  const anew = [first, second, chain(second, note('three'))].map(lineOf)
  await writeFile(trailPath(directory), anew.join(''))
  expect(await verify()).toMatchObject([1, { holds: false, entries: 2, broken: { line: 3 } }])
  await writeFile(trailPath(directory), anew.slice(0, 1).join(''))
  expect(await verify()).toMatchObject([1, { holds: false, entries: 1, broken: { line: 2 } }])
})
