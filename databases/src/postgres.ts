import { execFile, execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findFreePorts, hireUndertaker } from '@fairtrial/brokers'
import { createDatabase, isAnswering } from './admin.ts'
import { findPostgres } from './find-postgres.ts'

/** A PostgreSQL that answers. */
export interface Postgres {
  /** Of its database `postgres`, by its superuser: `postgresql://fairtrial@127.0.0.1:24711/postgres`. */
  readonly connectionString: string
  /** Makes a database that nobody else has, and answers with its connection string. */
  createDatabase(): Promise<string>
  /** Stops what was started for this handle, and removes its data; a server that was there before goes on. */
  stop(): Promise<void>
}

/** A PostgreSQL that was started here. */
export interface OwnPostgres extends Postgres {
  /** Stops the server and all its connections where they are, as a machine that hangs does: it takes and answers nothing. */
  freeze(): void
  thaw(): void
}

const READY_MS = 30_000

/**
 * Starts a PostgreSQL on a free port of the loopback interface, with a folder of its own. It goes with this process,
 * however that ends. Its writes are not synced: it outlives no crash of the machine, and needs not.
 */
export async function startPostgres(): Promise<OwnPostgres> {
  const found = findPostgres()
  if ('missing' in found) throw new Error(`${found.missing}; install it, or set DATABASE_URL`)
  const { binaries } = found
  const owner = ownerOfData()
  const folder = await mkdtemp(join(tmpdir(), 'fairtrial-postgres-'))
  const undertaker = hireUndertaker(folder)
  let server: ChildProcess | undefined
  try {
    const data = join(folder, 'data')
    await mkdir(data, { mode: 0o700 })
    if (owner !== null) {
      await chmod(folder, 0o755)
      await chown(data, owner.uid, owner.gid)
    }
    const user = ['--username=fairtrial', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
    await promisify(execFile)(join(binaries, 'initdb'), ['-D', data, ...user], { cwd: folder, ...owner })

    const [port] = await findFreePorts(1)
    const logFile = join(folder, 'server.log')
    const log = await open(logFile, 'a')
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: data,
      fsync: 'off',
      max_connections: 200,
      shared_buffers: '32MB',
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    // A group of its own: a Ctrl-C in the terminal is for the one who started it.
    server = spawn(join(binaries, 'postgres'), ['-D', data, ...flags], {
      detached: true,
      cwd: folder,
      stdio: ['ignore', log.fd, log.fd],
      ...owner,
    })
    const exited = once(server, 'exit')
    exited.catch(() => undefined)
    if (server.pid !== undefined) undertaker.watch([server.pid])
    await log.close()

    const connectionString = `postgresql://fairtrial@127.0.0.1:${port}/postgres`
    for (const began = process.hrtime.bigint(); !(await isAnswering(connectionString)); await sleep(50)) {
      const isLate = Number(process.hrtime.bigint() - began) / 1e6 > READY_MS
      if (server.exitCode === null && !isLate) continue
      throw new Error(`PostgreSQL did not start:\n${await readFile(logFile, 'utf8')}`)
    }
    const { pid = 0 } = server
    // Each has a group of its own.
    const signal = (name: NodeJS.Signals): readonly number[] => {
      process.kill(pid, name)
      const processes = [pid, ...childrenOf(pid)]
      for (const id of processes) process.kill(id, name)
      return processes
    }
    return {
      connectionString,
      createDatabase: () => createDatabase(connectionString),
      freeze: () => undertaker.watch(signal('SIGSTOP')),
      thaw() {
        signal('SIGCONT')
        undertaker.watch([pid])
      },
      async stop() {
        signal('SIGCONT')
        // Asks no client to leave first.
        server?.kill('SIGQUIT')
        await exited
        await rm(folder, { recursive: true, force: true })
        undertaker.dismiss()
      },
    }
  } catch (error) {
    server?.kill('SIGKILL')
    undertaker.dismiss()
    throw error
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

/** PostgreSQL refuses to run as root: then it runs as Debian's user for it, or as nobody. */
function ownerOfData(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    try {
      const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }))
      return { uid: idOf('-u'), gid: idOf('-g') }
    } catch {
      // No such user.
    }
  }
  return null
}
