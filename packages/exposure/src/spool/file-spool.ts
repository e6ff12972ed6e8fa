import { ExperimentError } from '@fairtrial/protocol/error'
import { limitsOf } from '../limits.ts'
import { refuseOther } from '../refusals.ts'
import type { Spool, SpoolRecovery, SpoolStatus } from '../spool.ts'
import { failed, OpenSpool } from './open-spool.ts'
import { type SpoolFiles, systemFiles } from './spool-files.ts'

/** Where a spool is, how large it may get, and how safe it is. */
export interface FileSpoolOptions {
  /** Made when it is not there. Of one process at a time: a second is refused. */
  readonly directory: string
  /** Outcomes are refused from 80 % on, exposures at 100 %. Default 256,000,000. */
  readonly maximumBytes?: number
  /**
   * When the disk is made to have it: `always`, before it counts as durable; `interval`, a second later; `never`, when
   * the operating system likes. A process that dies loses nothing durable under any of them; a machine that loses
   * power loses what was not synced. Default `interval`.
   */
  readonly sync?: 'always' | 'interval' | 'never'
  /** What the sink refused for good is kept in `rejected.ndjson`, the latest of so many bytes. Default 8,000,000. */
  readonly maximumRejectedBytes?: number
}

/** A spool in a directory: write-ahead segments with a length and a CRC32 a record, and a file of what is settled. */
export function fileSpool(options: FileSpoolOptions): Spool {
  return openableSpool(options, systemFiles)
}

/** The same over any file system. */
export function openableSpool(options: FileSpoolOptions, files: SpoolFiles): Spool {
  const { directory, sync = 'interval' } = options
  if (typeof directory !== 'string' || directory === '') {
    throw new ExperimentError(
      'invalid-argument',
      `fileSpool has no directory: \`directory\` is ${JSON.stringify(directory)}.`,
      'Give one on a local disk that outlives the process, of one process at a time.',
    )
  }
  const { maximumBytes, maximumRejectedBytes } = options
  const limits = limitsOf(
    'fileSpool',
    { maximumBytes, maximumRejectedBytes },
    { maximumBytes: 256_000_000, maximumRejectedBytes: 8_000_000 },
    ['maximumBytes'],
  )
  refuseOther('fileSpool.sync', sync, ['always', 'interval', 'never'])
  let opening: Promise<SpoolRecovery> | undefined
  let spool: OpenSpool | undefined
  let last: SpoolStatus = { batches: 0, events: 0, bytes: 0, share: 0 }
  const opened = () => {
    if (spool === undefined) throw notOpen(directory)
    return spool
  }
  return {
    open: () =>
      (opening ??= OpenSpool.open({ directory, sync, files, ...limits }).then(
        (open) => {
          spool = open
          return open.recovery
        },
        (cause: unknown) => {
          opening = undefined
          throw cause instanceof ExperimentError ? cause : failed(directory, 'opened', cause)
        },
      )),
    hasRoom: (kind, bytes, queuedBytes) => spool?.hasRoom(kind, bytes, queuedBytes) ?? true,
    append: async (batch, beside) => opened().append(batch, beside),
    oldest: async () => opened().oldest(),
    settle: async (batch, rejected, beside) => opened().settle(batch, rejected, beside),
    status: () => spool?.status() ?? last,
    close: async (beside) => {
      if (spool === undefined) return
      const closing = spool
      last = closing.status()
      spool = undefined
      opening = undefined
      try {
        await closing.close(beside)
      } finally {
        // What was settled and still took room is gone now.
        last = closing.status()
      }
    },
  }
}

function notOpen(directory: string): ExperimentError {
  return new ExperimentError(
    'invalid-argument',
    `The spool in ${directory} is not open.`,
    'Call `open` first; a recorder does.',
  )
}
