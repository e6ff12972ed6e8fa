import type { AbortAlarm } from '../controller/abort-alarm.ts'
import { checkKey } from '../controller/check-key.ts'
import type { Database } from './database.ts'
import { listen } from './listen.ts'

/** An alarm by NOTIFY, which stores nothing: a database that is read-only carries it too, a standby does not. */
export function postgresAbortAlarm(database: Database): AbortAlarm {
  const { query, schema } = database
  return {
    async ring(experiment) {
      checkKey(experiment)
      await query('SELECT pg_notify($1, $2)', [`${schema}_abort`, experiment])
    },
    listen: (onRing) =>
      listen(database, 'abort', (experiment) => {
        // One that was missed is rung again.
        if (experiment !== null) onRing(experiment)
      }),
  }
}
