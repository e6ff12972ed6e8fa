// What pseudonyms cost: of a unit that the client has met of late, and of one that it has not.
import { createHmac } from 'node:crypto'
import { pseudonymizer } from '@fairtrial/protocol/pseudonym'
// The inside of the client, because nothing else of it is to be timed.
import { Pseudonyms } from '../../packages/client/src/unit-ids.ts'
import { race } from './race.ts'
import { type Row, row } from './row.ts'

const KEY = 'a key of well over sixteen bytes'
const ids = Array.from({ length: 1_000 }, (_, i) => `user-${(i * 7_919) % 1_000_003}`)

export async function run(): Promise<Row[]> {
  const pseudonymOf = pseudonymizer(KEY)
  const remembered = new Pseudonyms(pseudonymOf, 1_024, () => undefined)
  const timings = await race({
    remembered: (i) => remembered.of(ids[i % 1_000]!),
    computed: (i) => pseudonymOf(ids[i % 1_000]!),
    'node:crypto': (i) =>
      createHmac('sha256', KEY)
        .update(ids[i % 1_000]!)
        .digest('base64url')
        .slice(0, 22),
  })
  const benchmark = 'the pseudonym of a unit'
  return [
    row(benchmark, timings, 'remembered'),
    row(benchmark, timings, 'computed', { against: 'remembered', target: { atLeast: 5 } }),
    row(benchmark, timings, 'node:crypto', { against: 'remembered', target: { atLeast: 5 } }),
  ]
}
