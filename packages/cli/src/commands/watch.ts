import { type Console, writeLines } from '../console.ts'
import { type ExitCode, exitCodeOfState, exitCodes } from '../exit-code.ts'
import { planeAccess, type PlaneOptions } from '../plane/plane-access.ts'
import { printable } from '../text/printable.ts'
import { followRollout, type Pace, type Seen } from '../watch/follow-rollout.ts'
import { createScreen, type Terminal } from '../watch/screen.ts'
import { isOther, watchLine } from '../watch/watch-line.ts'
import { watchText } from '../watch/watch-text.ts'

export interface WatchOptions extends PlaneOptions {
  readonly json?: boolean
  /** Default yes, on a terminal. */
  readonly isColoured: boolean
  /** When to end besides at the rollout's end. */
  readonly signal: AbortSignal
  readonly pace?: Pace
}

/** `fairtrial watch KEY`: a rollout as it goes, until it is over: in place on a terminal, else a line for each change. */
export async function watch(console: Console, key: string, options: WatchOptions): Promise<ExitCode> {
  const access = await planeAccess(options)
  const show = options.json
    ? showDocuments(console)
    : isTerminal(console.stdout)
      ? showScreen(console, key, options)
      : showLines(console)
  let last: Seen | null = null
  for await (const seen of followRollout(access, key, options)) {
    await show(seen, last)
    last = seen
    if (isOver(seen)) break
  }
  const state = last?.view.state
  return state ? exitCodeOfState(state) : exitCodes.inconclusive
}

type Show = (seen: Seen, before: Seen | null) => Promise<void>

function showDocuments({ stdout }: Console): Show {
  return async (seen, before) => {
    if (before === null || isOther(seen, before)) await writeLines(stdout, [JSON.stringify(seen.view)])
  }
}

function showLines({ stdout, stderr, now }: Console): Show {
  let told: string | null = null
  return async (seen, before) => {
    const problem = seen.problem ?? (seen.isLive ? null : 'changes are asked for, not told.')
    // The stream opens a moment after the first look.
    if (before !== null && problem !== told) {
      told = problem
      stderr.write(`fairtrial: ${problem === null ? 'live again' : `not live: ${printable(problem)}`}\n`)
    }
    if (before === null || isOther(seen, before))
      await writeLines(stdout, [printable(watchLine(seen, now()))])
  }
}

function showScreen({ stdout }: Console, key: string, options: WatchOptions): Show {
  const screen = createScreen(stdout, options)
  return async (seen) => screen.draw(watchText(key, seen))
}

function isTerminal(stream: Terminal): boolean {
  return stream.isTTY === true
}

/** A rollback is over when it is proved: until then somebody may still be served what was taken back. */
function isOver({ view: { state, proof }, problem }: Seen): boolean {
  if (state === null || problem !== null) return false
  const { status } = state
  if (status === 'shipped') return true
  return (status === 'aborted' || status === 'stopped') && (proof === null || proof.proved)
}
