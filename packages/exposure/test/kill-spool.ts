import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRecorder, memorySink } from '../src/index.ts'
import { fileSpool } from '../src/spool/index.ts'
import { seededRandom } from '../src/testing/index.ts'

/** What became of the events, in one row of the torture table. */
export interface KilledSpool {
  readonly row: string
  /** How often a process was killed. */
  readonly rounds: number
  /** Events of which somebody was told that they are safe. */
  readonly acknowledged: number
  /** Of these, those that never arrived. */
  readonly lost: number
  /** Events that the account counts as delivered beyond those that arrived. */
  readonly doubled: number
  readonly ok: boolean
}

const PROGRAM = fileURLToPath(new URL('./spool-writer.ts', import.meta.url))

/**
 * FAULTS 29. One process after the other writes into a spool on a real disk without a pause and is killed (SIGKILL)
 * at a random instant; the last one delivers what they left.
 */
export async function killSpool(options: {
  readonly rounds: number
  readonly seed: number
  readonly sync?: 'always' | 'interval' | 'never'
}): Promise<KilledSpool> {
  const { rounds, seed, sync = 'always' } = options
  const random = seededRandom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'fairtrial-kill-spool-'))
  try {
    const directory = join(folder, 'spool')
    const delivered = join(folder, 'delivered.ndjson')
    const acknowledged = join(folder, 'acknowledged')
    for (const path of [delivered, acknowledged]) writeFileSync(path, '')
    for (let round = 0; round < rounds; round++) {
      const setting = { directory, delivered, acknowledged, name: `p${round}`, seed: seed + round, sync }
      await writeUntilKilled(setting, 5 + 150 * random())
    }
    const safe = linesOf(acknowledged)
    const memory = memorySink()
    const recorder = createRecorder({ sink: memory, spool: fileSpool({ directory }), report: false })
    await recorder.opened()
    const account = await recorder.close(60_000)
    const lines = [...linesOf(delivered), ...memory.lines]
    const arrived = new Set(lines.map((line) => idOf(line)).filter((id) => id !== undefined))
    const lost = safe.filter((id) => !arrived.has(id)).length
    const doubled = Math.max(0, account.delivered - arrived.size)
    const dropped = Object.values(account.dropped).reduce((sum, count) => sum + count, 0)
    const isBalanced = account.offered === account.delivered + account.deduplicated + dropped
    const ok = lost === 0 && doubled === 0 && isBalanced && account.pending === 0 && safe.length > 0
    return { row: `spool, sync ${sync}`, rounds, acknowledged: safe.length, lost, doubled, ok }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeUntilKilled(setting: object, ms: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=@fairtrial/source', '--import', 'tsx', PROGRAM, JSON.stringify(setting)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'close')
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      ended.then(() => Promise.reject(new Error('The writer ended before it was ready.'))),
    ])
    await sleep(ms)
  } finally {
    child.kill('SIGKILL')
  }
  await ended
}

/** The last line may be cut: half an event is none. */
function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1)
}

/** Undefined for a line that a killed process left half written. */
function idOf(line: string): string | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined
  const { outcomeId, unitId } = JSON.parse(line) as { outcomeId?: string; unitId: string }
  return outcomeId ?? unitId
}
