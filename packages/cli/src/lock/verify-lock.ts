import { dirname, join, resolve } from 'node:path'
import { type EvaluationLock, ExperimentError } from '@fairtrial/protocol'
import { readDefinition } from '../definition-file.ts'
import { type LookOptions, takeLook } from '../take-look.ts'
import { changedPartitions } from './changed-partitions.ts'
import { codeInForce } from './code-in-force.ts'
import { differencesOf } from './differences.ts'
import { digestFile, digestText } from './digest.ts'
import { textOf } from './lock-of.ts'
import { retentionOf } from './retention-of.ts'

/** One thing that is not as the lock says. */
interface LockChange {
  readonly what: 'definition' | 'input' | 'code' | 'analysis' | 'answer'
  readonly detail: string
}

/** What became of making an analysis again. */
export interface Verification {
  readonly schema: 'fairtrial.verification/1'
  /** The answer came out the same, byte for byte. */
  readonly verified: boolean
  /** Of the answer now; null where none could be made. */
  readonly sha256: string | null
  /** What is different, whether or not the answer is. */
  readonly changes: readonly LockChange[]
}

/**
 * Makes the analysis of a lock again, from the same stretch of the same data, and tells what has changed. Rejects
 * `unreachable` where no broker answers: that says nothing about the data.
 *
 * @param brokers where topics are now; default where the lock says
 */
export async function verifyLock(
  path: string,
  lock: EvaluationLock,
  brokers?: readonly string[],
): Promise<Verification> {
  const folder = dirname(resolve(path))
  const { options, asOf } = optionsOf(folder, lock, brokers)
  const isOfTopics = 'kafka' in options
  const changes = [...(isOfTopics ? [] : await changedFiles(folder, lock)), ...(await changedCode(lock))]
  let sha256: string | null = null
  try {
    const experiment = await readDefinition(join(folder, lock.definition.file))
    if (experiment.fingerprint !== lock.definition.fingerprint) {
      changes.unshift({
        what: 'definition',
        detail: `${lock.definition.file} is another design: its fingerprint was ${short(lock.definition.fingerprint)}, and is ${short(experiment.fingerprint)}.`,
      })
    }
    const { inputs, looks } = lock
    const { document, read } = await takeLook(experiment, options, {
      now: asOf,
      ledger: looks ?? undefined,
      inputs,
    })
    if (read !== null && 'partitions' in read) {
      for (const detail of changedPartitions(inputs, read.partitions)) changes.push({ what: 'input', detail })
    }
    sha256 = digestText(textOf(document))
    if (sha256 !== lock.document.sha256) {
      for (const detail of differencesOf(lock.document.content, JSON.parse(JSON.stringify(document))))
        changes.push({ what: 'answer', detail })
    }
  } catch (cause) {
    if (isOfTopics && (cause as { code?: unknown }).code === 'unreachable') throw cause
    changes.push({ what: 'analysis', detail: `It cannot be made again: ${(cause as Error).message.trim()}` })
  }
  return { schema: 'fairtrial.verification/1', verified: sha256 === lock.document.sha256, sha256, changes }
}

function optionsOf(
  folder: string,
  lock: EvaluationLock,
  brokers: readonly string[] | undefined,
): { options: LookOptions; asOf: number } {
  const { asOf, ...options } = lock.options as unknown as LookOptions & { asOf: number }
  if ('kafka' in options) return { options: { ...options, ...(brokers && { kafka: brokers }) }, asOf }
  if (brokers !== undefined) {
    throw new ExperimentError(
      'invalid-argument',
      'The lock is of files, not of topics.',
      'Leave --kafka out.',
    )
  }
  const place =
    'table' in options ? { table: join(folder, options.table) } : { log: join(folder, options.log) }
  return { options: { ...options, ...place }, asOf }
}

async function changedFiles(folder: string, { inputs }: EvaluationLock): Promise<LockChange[]> {
  const changes = await Promise.all(
    inputs.map(async ({ source, upTo, sha256 }) => {
      const now = await digestFile(join(folder, source), upTo).catch(() => null)
      if (now === null)
        return (
          (await retentionOf(folder, { source, upTo, sha256 })) ?? `${source} is gone, or cannot be read.`
        )
      if (now.bytes < upTo) return `${source} is cut: ${now.bytes} of ${upTo} bytes are left.`
      return now.sha256 === sha256 ? null : `${source} has been edited within its first ${upTo} bytes.`
    }),
  )
  return changes.filter((detail) => detail !== null).map((detail) => ({ what: 'input', detail }))
}

async function changedCode({ code }: EvaluationLock): Promise<LockChange[]> {
  const now = await codeInForce()
  const changes: LockChange[] = []
  if (now.sha256 !== code.sha256) {
    const detail = `fairtrial ${code.version} (${short(code.sha256)}) made it; this is ${now.version} (${short(now.sha256)}).`
    changes.push({ what: 'code', detail })
  }
  if (now.node !== code.node)
    changes.push({ what: 'code', detail: `It ran on Node ${code.node}; this is ${now.node}.` })
  return changes
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}…`
}
