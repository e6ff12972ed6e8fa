import type { ExperimentErrorCode } from '@fairtrial/protocol'
import { CommanderError } from 'commander'
import { type Console, hasAnswered } from './console.ts'
import { isExperimentError } from './definition-problem.ts'
import { errorDocument } from './error-document.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { helpHintOf } from './help-hint.ts'
import { createProgram } from './program.ts'
import { printableLines } from './text/printable.ts'

/**
 * Runs one command line. Answers go to stdout, everything else to stderr; with `--json` an error is a document on
 * stdout too, so that there always is one; but for what goes wrong after the answer.
 *
 * @param args without the program's own name
 * @returns the exit code; it never throws
 */
export async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = createProgram(console, (finished) => {
    code = finished
  })
  // Where the answer is lines, some may be out already.
  const wantsDocument = args.includes('--json') && !LINES.has(args[0] ?? '')
  const refuse = (code: ExitCode, error: Parameters<typeof errorDocument>[0]): ExitCode => {
    if (wantsDocument && !hasAnswered(console))
      console.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`)
    return code
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok
      const message = error.message.replace(/^error: /, '')
      const remedy = helpHintOf(program, args)
      return refuse(exitCodes.usage, { code: 'invalid-argument', message, remedy, problems: [] })
    }
    if (isExperimentError(error)) {
      console.stderr.write(`fairtrial: ${printableLines(error.message.trim())}\n`)
      return refuse(exitCodeOfError(error.code), error)
    }
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.stderr.write(`fairtrial: ${told}\n`)
    const remedy = 'This is a fault of fairtrial: please report it.'
    return refuse(exitCodes.internal, { code: 'internal', message: told, remedy, problems: [] })
  }
}

/** Commands whose answer is lines. */
const LINES = new Set(['assign', 'hash', 'serve', 'tail', 'watch'])

function exitCodeOfError(code: ExperimentErrorCode): ExitCode {
  return code === 'unreachable' ? exitCodes.unreachable : exitCodes.usage
}
