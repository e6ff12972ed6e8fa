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
    bootId: readIfThere('/proc/sys/kernel/random/boot_id'),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    startedAt: startOf(process.pid)?.startedAt ?? null,
  }
}

/** Whether that process is alive, a stopped one too; undefined where nobody can tell from here. */
export function isAlive(other: ProcessIdentity, own: ProcessIdentity): boolean | undefined {
  if (other.host !== own.host) return undefined
  if (other.bootId !== own.bootId) return false
  if (other.pidNamespace !== own.pidNamespace) return undefined
  const start = startOf(other.pid)
  if (start !== undefined) return start.isRunning && start.startedAt === other.startedAt
  // Without /proc there is only whether the number is taken.
  return own.startedAt === null && isTaken(other.pid)
}

/** See proc_pid_stat(5): the name in parentheses may have any characters. */
function startOf(pid: number): { startedAt: string | null; isRunning: boolean } | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === null) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Z and X have ended, and only wait for their parents to ask.
  return { startedAt: fields[19] ?? null, isRunning: fields[0] !== 'Z' && fields[0] !== 'X' }
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function pidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
