import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program of the demo, started as a real process; it prints JSON lines on stdout. */
export interface Started {
  readonly process: ChildProcess
  /** The first line that it printed: where it listens. */
  readonly url: string
  /** Asks it to end, and gives the last line that it printed. */
  stop(): Promise<Record<string, unknown>>
}

/** Starts a TypeScript file under the flags of this very process, and waits until it says where it listens. */
export async function startProcess(file: string, args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)

  let last: Record<string, unknown> = {}
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      last = JSON.parse(line) as Record<string, unknown>
      if (typeof last['listening'] === 'string') resolve(last['listening'])
    })
    void exited.then(() => reject(new Error(`${file} ended before it listened`)))
  })
  return {
    process: child,
    url: await listening,
    async stop() {
      child.kill('SIGTERM')
      await exited
      process.off('exit', kill)
      return last
    },
  }
}
