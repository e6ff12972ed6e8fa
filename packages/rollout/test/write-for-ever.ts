// Holds and runs on, as fast as the disk allows, until it is killed. Prints each revision that it was told is stored.
import { fileStateStore } from '../src/controller/file-state-store.ts'
import type { TransitionEvent } from '@fairtrial/protocol'

const store = fileStateStore({ directory: process.argv[2] ?? '' })
for (;;) {
  const from = await store.read('ranking')
  if (from === null) throw new Error('Nothing to go on from.')
  const status = from.status === 'holding' ? 'running' : 'holding'
  const to = { ...from, status, revision: from.revision + 1 } as const
  const reason = 'x'.repeat(20_000)
  const event: TransitionEvent = {
    schema: 'fairtrial.transition/1',
    experiment: 'ranking',
    at: 0,
    by: 'test',
    from,
    to,
    decision: null,
    reason,
  }
  if ((await store.compareAndSet(event, from.revision)).stored) process.stdout.write(`${to.revision}\n`)
}
