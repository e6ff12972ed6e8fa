import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Console } from '../console.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { handOver } from '../serve/hand-over.ts'
import { planePlaces, planeProgram } from '../serve/plane-program.ts'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** `fairtrial serve`: starts the control plane with these arguments, and ends as it ends. */
export async function serve(console: Console, args: readonly string[]): Promise<ExitCode> {
  const program = planeProgram(planePlaces())
  const handed = await handOver(args)
  // Of a group of its own: a terminal's Ctrl-C reaches it once, by way of us.
  const child = spawn(process.execPath, [...process.execArgv, program, ...handed.args], {
    stdio: 'pipe',
    detached: true,
  })
  // It stays open: when we are killed it ends, and the control plane with it.
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(handed.definitions)}\n`)
  handOn(child.stdout, console.stdout)
  handOn(child.stderr, console.stderr)
  let isEnding = false
  // A second SIGINT, as from a shell and whoever stands between, would end it before it has stored what is under way.
  const passOn = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' || !isEnding) child.kill(signal)
    isEnding ||= signal !== 'SIGHUP'
  }
  for (const signal of SIGNALS) process.on(signal, passOn)
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    if (code === null) console.stderr.write(`fairtrial: the control plane was ended by ${signal}\n`)
    return code === 0 || code === 2 ? code : exitCodes.internal
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn)
  }
}

/** As long as somebody reads it; from then on it goes nowhere, for a pipe that fills up would hold the control plane. */
function handOn(from: Readable, to: NodeJS.WritableStream): void {
  to.once('error', () => from.unpipe(to).resume())
  from.pipe(to, { end: false })
}
