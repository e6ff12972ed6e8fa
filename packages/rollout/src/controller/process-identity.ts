import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process it is, over reuse of its number, a reboot and containers. Null where the system does not say. */
export interface ProcessIdentity {
  readonly host: string
  readonly bootId: string | null
  /** The numbers of processes mean something within it only. */
  readonly pidNamespace: string | null
  readonly pid: number
  /** In ticks since the machine was started. */
  readonly startedAt: string | null
}

export function ownIdentity(): ProcessIdentity {
  return {
    host: hostname(),
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    startedAt: startOf(process.pid),
  }
}

/** Whether that process is alive, a stopped one too; undefined where nobody can tell from here. */
export function isAlive(other: ProcessIdentity): boolean | undefined {
  const own = ownIdentity()
  if (other.host !== own.host) return undefined
  if (other.bootId !== own.bootId) return false
  if (other.pidNamespace !== own.pidNamespace) return undefined
  if (own.startedAt !== null) return startOf(other.pid) === other.startedAt && other.startedAt !== null
  // Without /proc there is only whether the number is taken.
  try {
    process.kill(other.pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Null for one that has ended, too. See proc_pid_stat(5): the name in parentheses may have any characters. */
function startOf(pid: number): string | null {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Z and X have ended, and only wait for their parents to ask.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
}

function orNull(read: () => string): string | null {
  try {
    return read()
  } catch {
    return null
  }
}
