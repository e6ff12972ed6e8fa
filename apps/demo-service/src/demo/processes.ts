import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** What a program of the demo printed: a line of JSON. */
export type Printed = Readonly<Record<string, unknown>>

/** A program of the demo, running as a real process. */
export interface Started {
  readonly pid: number
  readonly url: string
  /** The line in which it said where it listens. */
  readonly first: Printed
  /** Asks it to end, and gives the last line that it printed. */
  stop(): Promise<Printed>
}

/** The programs of one run. */
export interface Processes {
  /** Starts a TypeScript file, and waits until it prints where it listens. */
  start(name: string, file: string, args: readonly string[]): Promise<Started>
  /** Rejects when one ends that was not asked to, with what it wrote to stderr. */
  readonly died: Promise<never>
  /** What they wrote to stderr, the newest lines. */
  errors(): readonly string[]
  /** Ends whatever still runs, at once. */
  kill(): Promise<void>
}

/** Lines of stderr that are kept. */
const KEPT = 40

/** @param flags of Node, under which it runs TypeScript */
export function createProcesses(flags: readonly string[]): Processes {
  const running = new Map<ChildProcess, Promise<unknown>>()
  const lines: string[] = []
  let fail: (error: Error) => void = () => undefined
  const died = new Promise<never>((_, reject) => (fail = reject))
  // Whoever waits for it hears of it; nobody must.
  died.catch(() => undefined)
  // The last resort, where this process ends without a word to its children.
  const killNow = () => running.forEach((_, child) => child.kill('SIGKILL'))
  process.once('exit', killNow)

  async function start(name: string, file: string, args: readonly string[]): Promise<Started> {
    const child = spawn(process.execPath, [...flags, file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let last: Printed = {}
    let isAsked = false
    const ended = new Promise<void>((resolve) => {
      child.once('error', (error) => fail(new Error(`${name} cannot be started: ${error.message}`)))
      child.once('close', (code, signal) => {
        running.delete(child)
        if (!isAsked) fail(new Error(`${name} ended by itself (${signal ?? `exit code ${code}`})`))
        resolve()
      })
    })
    running.set(child, ended)
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line)
      if (lines.length > KEPT) lines.shift()
    })
    const listening = new Promise<Printed>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        last = JSON.parse(line) as Printed
        if (typeof last['listening'] === 'string') resolve(last)
      })
    })
    const first = await Promise.race([listening, died])
    return {
      pid: child.pid ?? 0,
      url: String(first['listening']),
      first,
      async stop() {
        isAsked = true
        child.kill('SIGTERM')
        await ended
        return last
      },
    }
  }

  return {
    start,
    died,
    errors: () => lines,
    async kill() {
      killNow()
      await Promise.all(running.values())
      process.off('exit', killNow)
    },
  }
}
