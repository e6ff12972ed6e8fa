// A service in a process of its own, to be killed: exposes and tracks without a pause into a spool, and notes
// which events it was told are safe. Its sink takes a batch, fails, or answers too late, by turns.
import { openSync, writeSync } from 'node:fs'
import { createRecorder } from '../src/index.ts'
import { fileSpool } from '../src/spool/index.ts'
import { sampleArm, seededRandom } from '../src/testing/index.ts'

const { directory, delivered, acknowledged, name, seed, sync } = JSON.parse(process.argv[2] ?? '') as {
  directory: string
  delivered: string
  acknowledged: string
  name: string
  seed: number
  sync: 'always' | 'interval' | 'never'
}
const random = seededRandom(seed)
const file = openSync(delivered, 'a')
// The process before may have been killed in the middle of a line.
writeSync(file, '\n')
const safe = openSync(acknowledged, 'a')

const recorder = createRecorder({
  producerId: name,
  spool: fileSpool({ directory, sync }),
  report: false,
  batch: { maximumEvents: 50 },
  retry: { baseMs: 1, capMs: 5 },
  sink: {
    deliver: async ({ content }) => {
      await new Promise<void>((resolve) => void setTimeout(resolve, 5 * random()))
      if (random() < 0.3) throw new Error('down')
      writeSync(file, content)
      if (random() < 0.2) throw new Error('the answer got lost')
      return { rejected: [] }
    },
    close: async () => {},
  },
})
await recorder.opened()
process.stdout.write('ready\n')

for (let i = 0; ; i++) {
  const id = `${name}-${i}`
  const receipt =
    i % 3 === 0
      ? recorder.track({ name: 'started', unitType: 'viewer', unitId: id, outcomeId: id })
      : recorder.expose(sampleArm({ unitId: id }))
  if (i % 4 === 0) void receipt.durable.then((isDurable) => isDurable && writeSync(safe, `${id}\n`))
  if (i % 100 === 99) await new Promise<void>((resolve) => void setTimeout(resolve, 1))
}
