// One of several processes that abort the same revision: prints what the store says.
import { fileStateStore } from '../src/controller/file-state-store.ts'
import { startRollout } from '../src/start.ts'
import { operate } from '../src/operate.ts'
import { makeExperiment } from './fixture.ts'

const [directory = '', by = ''] = process.argv.slice(2)
const experiment = makeExperiment()
const seen = startRollout(experiment, { now: 1_000 })
const abort = operate(experiment, seen, { action: 'abort', by, reason: 'Enough.' }, 2_000)
if (abort !== null) {
  const outcome = await fileStateStore({ directory }).compareAndSet(abort, seen.revision)
  process.stdout.write(JSON.stringify(outcome))
}
