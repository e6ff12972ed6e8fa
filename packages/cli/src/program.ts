import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAssignmentCommands } from './assignment-commands.ts'
import type { Console } from './console.ts'
import { addDecidingCommands } from './deciding-commands.ts'
import { addEvidenceCommands } from './evidence-commands.ts'
import type { ExitCode } from './exit-code.ts'
import { pointToHelp } from './help-hint.ts'
import { addLogCommands } from './log-commands.ts'
import { addPlanningCommands } from './planning-commands.ts'
import { addReadinessCommand } from './readiness-command.ts'
import { addRolloutCommands } from './rollout-commands.ts'
import { addSimulationCommand } from './simulation-command.ts'

/**
 * The commands, their arguments and options. Each action leaves its exit code with `finish`;
 * what a command throws is told by whoever runs the program.
 */
export function createProgram(console: Console, finish: (code: ExitCode) => void): Command {
  const program = new Command('fairtrial')
    .description(
      'Gives every change a fair trial: size it, check it, try it, assign, analyze, audit, roll it out, take it back.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, 'fairtrial:')),
    })
  addAssignmentCommands(program, console, finish)
  addEvidenceCommands(program, console, finish)
  addDecidingCommands(program, console, finish)
  addPlanningCommands(program, console)
  addSimulationCommand(program, console, finish)
  addReadinessCommand(program, console, finish)
  addRolloutCommands(program, console, finish)
  addLogCommands(program, console)
  pointToHelp(program)
  return program
}

const EXIT_CODES = `
Exit codes:
  0 ok   1 internal error   2 wrong usage, definition or table
  3 guardrail breached   4 inconclusive   5 data not to be trusted
  6 control plane or Kafka unreachable
`

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
