import type { Database } from './database.ts'

/** A line of a trail, and its number. */
export interface TrailLine {
  /** From 1, without a gap. */
  readonly sequence: number
  readonly line: string
}

/** Lines that are appended and never changed, by any number of replicas. What they say is nobody's business here. */
export interface TrailTable {
  /** Lines after a number, the first of them first; at most `limit`. */
  after(sequence: number, limit: number): Promise<readonly TrailLine[]>
  /**
   * Appends lines behind the one of number `last`, all or none. Durable once it resolves with true; false, and nothing is
   * appended, where somebody else has appended meanwhile.
   */
  append(lines: readonly string[], last: number): Promise<boolean>
}

const UNIQUE_VIOLATION = '23505'

/** The audit trail of all replicas, in one table. */
export function postgresTrail({ query, schema }: Database): TrailTable {
  return {
    async after(sequence, limit) {
      const rows = await query(
        `SELECT sequence, line FROM ${schema}.trail WHERE sequence > $1 ORDER BY sequence LIMIT $2`,
        [sequence, limit],
      )
      return rows.map((row) => ({ sequence: Number(row['sequence']), line: String(row['line']) }))
    },
    async append(lines, last) {
      // Two that append behind the same line want the same number: the second one fails, and all of it with it.
      const rows = await query(
        `INSERT INTO ${schema}.trail (sequence, line)
         SELECT $2::bigint + number, line FROM unnest($1::text[]) WITH ORDINALITY AS given (line, number)
         WHERE $2 = (SELECT coalesce(max(sequence), 0) FROM ${schema}.trail)
         RETURNING sequence`,
        [lines, last],
      ).catch((error: Error) => {
        if ((error.cause as { readonly code?: string } | undefined)?.code === UNIQUE_VIOLATION) return []
        throw error
      })
      return rows.length === lines.length
    },
  }
}
