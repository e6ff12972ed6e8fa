import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Account } from '@fairtrial/exposure'
import { seededRandom } from '@fairtrial/exposure/testing'
import { readAcknowledged } from '../acknowledged-file.ts'
import type { DiskProducerOptions } from '../disk-producer.ts'
import { readLanded } from '../landed.ts'
import { Reborn } from '../reborn.ts'
import type { Row, Setting, Suffering } from '../row.ts'

/** A disk whose writes and syncs fail with EIO now and then, a sink that comes and goes, and a process that is killed. */
export const disk: Row = {
  name: 'disk',
  faults: [28, 29, 30],
  missing: async () => {
    try {
      execFileSync('gcc', ['--version'], { stdio: 'ignore' })
      return null
    } catch {
      return 'there is no gcc to compile the failing disk'
    }
  },
  run: async (setting) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairtrial-torture-'))
    try {
      return await torture(folder, setting)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function torture(folder: string, { isShort, seed, progress }: Setting): Promise<Suffering> {
  // The last round kills nobody: the life that is asked in the end has seen the disk fail.
  const rounds = isShort ? 7 : 61
  const random = seededRandom(seed)
  const flag = join(folder, 'disk-fails')
  const options: DiskProducerOptions = {
    spool: join(folder, 'spool'),
    log: join(folder, 'log'),
    acknowledged: join(folder, 'acknowledged'),
    sinkIsDown: join(folder, 'sink-is-down'),
    unitPrefix: '',
    perSecond: 2_000,
  }
  const preload = join(folder, 'failing-disk.so')
  const source = fileURLToPath(new URL('../failing-disk.c', import.meta.url))
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', preload, source, '-ldl'])
  const environment = { LD_PRELOAD: preload, FAILING_DISK_FLAG: flag, FAILING_DISK_UNDER: options.spool }
  const producer = new Reborn(
    'disk-producer.ts',
    (life) => ({ ...options, unitPrefix: `viewer-${life}-` }),
    environment,
  )
  await producer.begin()
  let kills = 0
  for (let round = 1; round <= rounds; round++) {
    if (random() < 0.5) await writeFile(options.sinkIsDown, '')
    await wait(100 + 400 * random())
    await writeFile(flag, random() < 0.5 ? 'w' : 's')
    await wait(100 + 900 * random())
    // While the disk fails, too.
    if (round % 3 === 0) {
      kills++
      await producer.kill()
    }
    await rm(flag)
    await wait(100 + 400 * random())
    await rm(options.sinkIsDown, { force: true })
    progress(`round ${round} of ${rounds}`)
  }
  await wait(2_000)
  const { account, told } = (await producer.stop()) as { account: Account; told: readonly string[] }
  const landed = await readLanded(options.log)
  const promised = readAcknowledged(options.acknowledged)
  const wrong = []
  if (account.pending !== 0) wrong.push(`${account.pending} events are pending at the end.`)
  if (!told.includes('spool-failing')) wrong.push('Health has not told that the spool fails.')
  return {
    done: `${landed.units.size.toLocaleString('en-US')} units; the disk failed ${rounds} times, ${kills} processes killed`,
    acknowledged: promised.size,
    lost: [...promised].filter((unitId) => !landed.units.has(unitId)).length,
    doubled: landed.countedTwice,
    wrong,
  }
}
