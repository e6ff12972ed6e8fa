import { ExperimentError, LookLedger, parseState } from '@fairtrial/protocol'
import type { RolloutState, TransitionEvent } from '@fairtrial/protocol'
import { checkGrown } from '../controller/check-grown.ts'
import { checkKey } from '../controller/check-key.ts'
import { checkTransition } from '../controller/check-transition.ts'
import type { StateStore } from '../controller/state-store.ts'
import type { Database } from './database.ts'
import { listen } from './listen.ts'

/**
 * A state store in PostgreSQL, for any number of replicas. A transition is a row, which nobody can change or delete; the
 * last one holds the state. One statement is the compare-and-set, the journal, the state and the check of the fence:
 * a process that dies has either sent it or not.
 *
 * @param options.lease the lease whose token the fence is held against. Default `controller`
 */
export function postgresStateStore(
  database: Database,
  options: { readonly lease?: string } = {},
): Required<StateStore> {
  const { query, schema } = database
  const { lease = 'controller' } = options
  const read = async (experiment: string) => {
    checkKey(experiment)
    const [row] = await query(
      // The whole transition may hold a readiness report, of which the state has the digest.
      `SELECT revision, event->'to' AS state FROM ${schema}.transitions WHERE experiment = $1 ORDER BY revision DESC LIMIT 1`,
      [experiment],
    )
    return row === undefined ? null : stateIn(row['state'], row['revision'], experiment)
  }
  return {
    read,
    async compareAndSet(transition, expectedRevision, { fence } = {}) {
      checkTransition(transition, expectedRevision)
      const { experiment, to } = transition
      checkKey(experiment)
      const [row] = await query(
        // The lease's row stays locked until the transition is in: nobody takes the lease in between.
        `WITH lease AS (SELECT token FROM ${schema}.leases WHERE name = $6 AND $5::bigint IS NOT NULL FOR SHARE),
         fenced AS (SELECT $5::bigint IS NOT NULL AND $5 IS DISTINCT FROM (SELECT token FROM lease) AS is_fenced),
         stored AS (
           INSERT INTO ${schema}.transitions (experiment, revision, event, fence)
           SELECT $1, $2, $3, $5
           WHERE NOT (SELECT is_fenced FROM fenced)
             AND $4::bigint IS NOT DISTINCT FROM
               (SELECT max(revision) FROM ${schema}.transitions WHERE experiment = $1)
           ON CONFLICT DO NOTHING
           RETURNING revision
         )
         SELECT is_fenced, EXISTS (SELECT FROM stored) AS is_stored FROM fenced`,
        [experiment, to.revision, JSON.stringify(transition), expectedRevision, fence ?? null, lease],
      )
      if (row?.is_stored === true) return { stored: true, state: to }
      const state = await read(experiment)
      return row?.is_fenced === true ? { stored: false, fenced: true, state } : { stored: false, state }
    },
    async experiments() {
      const rows = await query(`SELECT DISTINCT experiment FROM ${schema}.transitions ORDER BY experiment`)
      return rows.map(({ experiment }) => String(experiment))
    },
    async transitions(experiment) {
      checkKey(experiment)
      const rows = await query(
        `SELECT revision, event FROM ${schema}.transitions WHERE experiment = $1 ORDER BY revision`,
        [experiment],
      )
      return rows.map((row) => transitionIn(row, experiment))
    },
    async looks(experiment, phase) {
      checkKey(experiment)
      const [row] = await query(
        `SELECT looks, ledger FROM ${schema}.looks WHERE experiment = $1 AND phase = $2 ORDER BY after DESC LIMIT 1`,
        [experiment, phase],
      )
      return row === undefined ? null : ledgerIn(row, experiment)
    },
    async recordLooks(ledger, expectedLooks, { fence } = {}) {
      checkGrown(ledger, expectedLooks)
      const { experiment, phase, looks } = ledger
      checkKey(experiment)
      const recorded = await query(
        `WITH lease AS (SELECT token FROM ${schema}.leases WHERE name = $7 AND $6::bigint IS NOT NULL FOR SHARE)
         INSERT INTO ${schema}.looks (experiment, phase, after, looks, ledger, fence)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE ($6::bigint IS NULL OR $6 = (SELECT token FROM lease))
           AND $3 = (SELECT coalesce(max(looks), 0) FROM ${schema}.looks WHERE experiment = $1 AND phase = $2)
         ON CONFLICT DO NOTHING
         RETURNING looks`,
        [experiment, phase, expectedLooks, looks.length, JSON.stringify(ledger), fence ?? null, lease],
      )
      return recorded.length > 0
    },
    watch: (onChange) => listen(database, 'changed', onChange),
  }
}

function transitionIn({ revision, event }: Record<string, unknown>, experiment: string): TransitionEvent {
  const transition = event as TransitionEvent | null
  stateIn(transition?.to, revision, experiment)
  return transition as TransitionEvent
}

/** As it was stored: a later version may have put more into it. */
function stateIn(stored: unknown, revision: unknown, experiment: string): RolloutState {
  const state = parseState(stored)
  if (state.ok && state.value.revision === Number(revision)) return stored as RolloutState
  throw new ExperimentError(
    'invalid-state',
    `Revision ${String(revision)} of ${experiment} is no transition${state.ok ? ' to it' : `: ${state.detail}`}.`,
    'Restore the database from a backup. Do not delete the row: the rollout would go back to the revision before.',
  )
}

function ledgerIn({ looks, ledger }: Record<string, unknown>, experiment: string): LookLedger {
  const parsed = LookLedger.safeParse(ledger)
  if (parsed.success && parsed.data.looks.length === Number(looks)) return parsed.data
  throw new ExperimentError(
    'invalid-state',
    `The looks at ${experiment} are not the ${String(looks)} that their row says.`,
    'Restore the database from a backup. Do not delete the row: alpha that has been spent would be spent again.',
  )
}
