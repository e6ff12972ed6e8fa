import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashUtf8 } from '../src/index.ts'

// Other products' published vectors, read where they lie: the same hash under each one's own mapping.
const data = process.env['FAIRTRIAL_DATA']
const folder = process.env['FAIRTRIAL_REFERENCE'] ?? (data && join(dirname(data), 'reference'))
const file = folder && join(folder, 'hashing-and-bucketing.json')
const present = file !== undefined && existsSync(file)
if (!present)
  console.error('NOT CHECKED: parity with peers; set FAIRTRIAL_REFERENCE to the folder of reference cases.')
const cases: { id: string; method: string; input: any; expected: any }[] = present
  ? JSON.parse(readFileSync(file, 'utf8')).cases
  : []

const unleash = (group: string, id: string, normalizer: number, seed = 0) =>
  (hashUtf8(`${group}:${id}`, seed) % normalizer) + 1

const MAPPINGS: { [method: string]: (input: any) => unknown } = {
  'unleash-normalized': ({ groupId, id, normalizer, seed }) => ({
    value: unleash(groupId, id, normalizer, seed),
  }),
  'unleash-rollout': ({ groupId, stickinessValue, rolloutPercent }) => ({
    enabled: rolloutPercent > 0 && unleash(groupId, stickinessValue, 100) <= rolloutPercent,
  }),
  'flagd-fractional-v2': ({ bucketBy, weights }) => {
    const total = weights.reduce((sum: number, [, weight]: [string, number]) => sum + weight, 0)
    const bucket = Number((BigInt(hashUtf8(bucketBy)) * BigInt(total)) >> 32n)
    let below = 0
    const [variant] = weights.find(([, weight]: [string, number]) => bucket < (below += weight))
    return { variant, bucket }
  },
  'optimizely-bucket': ({ userId, experimentId, seed, buckets }) => ({
    bucket: Math.floor((hashUtf8(userId + experimentId, seed) / 2 ** 32) * buckets),
  }),
}

describe.runIf(present)('the hash reproduces what peers publish, under their mapping', () => {
  it.each(Object.entries(MAPPINGS))('%s', (method, mapping) => {
    const published = cases.filter((published) => published.method === method)
    expect(published.length).toBeGreaterThan(1)
    for (const { id, input, expected } of published) expect(mapping(input), id).toEqual(expected)
  })
})
