import type { Row } from './row.ts'
import { cluster } from './rows/cluster.ts'

/** All rows, in the order in which they are run. */
export const rows: readonly Row[] = [cluster]
