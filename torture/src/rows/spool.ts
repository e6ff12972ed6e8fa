import { killSpool } from '../../../packages/exposure/test/kill-spool.ts'
import type { Row } from '../row.ts'

/** Processes that write into one spool, each killed at a random instant. */
export const spool: Row = {
  name: 'spool',
  faults: [29],
  missing: () => Promise.resolve(null),
  run: async ({ isShort, seed }) => {
    const rounds = isShort ? 10 : 200
    const { acknowledged, lost, doubled, ok } = await killSpool({ rounds, seed })
    const wrong = ok || lost + doubled > 0 ? [] : ['The account is not balanced.']
    return { done: `${rounds} processes killed, each write synced`, acknowledged, lost, doubled, wrong }
  },
}
