import type { Row } from './row.ts'
import { cluster } from './rows/cluster.ts'
import { disk } from './rows/disk.ts'
import { landing } from './rows/landing.ts'
import { replicas } from './rows/replicas.ts'
import { spool } from './rows/spool.ts'

/** All rows, in the order in which they are run. */
export const rows: readonly Row[] = [spool, disk, landing, replicas, cluster]
