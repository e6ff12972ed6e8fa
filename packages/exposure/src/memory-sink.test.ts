import { it } from 'vitest'
import { memorySink } from './memory-sink.ts'
import { sinkContract } from './testing/index.ts'

for (const { name, run } of sinkContract(async () => {
  const sink = memorySink()
  return { sink, lines: async () => sink.lines }
})) {
  it(`memorySink ${name}`, run)
}
