import { missingForKafka } from '@fairtrial/brokers'
import { killLanding } from '../../../packages/exposure/test/kill-landing.ts'
import type { Row } from '../row.ts'

/** Consumers of one group, killed while they land a topic. */
export const landing: Row = {
  name: 'landing',
  faults: [34, 41],
  missing: missingForKafka,
  run: async ({ isShort, seed }) => {
    const rounds = isShort ? 3 : 40
    const { stored, lost, doubled, ok } = await killLanding({ rounds, seed, members: 2 })
    const wrong = ok || lost + doubled > 0 ? [] : ['Not all of it was looked at.']
    return {
      done: `2 consumers of a group, killed ${rounds} times`,
      acknowledged: stored,
      lost,
      doubled,
      wrong,
    }
  },
}
