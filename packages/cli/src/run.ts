import { ExperimentError, type ExperimentErrorCode } from '@fairtrial/protocol'
import { CommanderError } from 'commander'
import type { Console } from './console.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command line. Answers go to stdout, everything else to stderr.
 *
 * @param args without the program's own name
 * @returns the exit code; it never throws
 */
export async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = createProgram(console, (finished) => {
    code = finished
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const told = error instanceof ExperimentError ? error.message : ((error as Error)?.stack ?? String(error))
    console.stderr.write(`fairtrial: ${told.trim()}\n`)
    return error instanceof ExperimentError ? exitCodeOfError(error.code) : exitCodes.internal
  }
}

function exitCodeOfError(code: ExperimentErrorCode): ExitCode {
  if (code === 'unreachable') return exitCodes.unreachable
  return code === 'io' ? exitCodes.internal : exitCodes.usage
}
