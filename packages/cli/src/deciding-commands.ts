import { type Command, Option } from 'commander'
import { definitionArgument, example, jsonOption, withLog } from './command-options.ts'
import { decide } from './commands/decide.ts'
import { replay } from './commands/replay.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { parsePhase, parseTime } from './parse-argument.ts'
import { parseLength, parsePositive } from './parse-number.ts'

/** The commands that run the controller's own functions over a log, and change nothing. */
export function addDecidingCommands(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  withLog(program.command('decide'))
    .summary('tell what the controller would do now')
    .description(
      'Takes one look at a log and decides upon it as the controller does, by the same functions. Writes nothing. ' +
        'The exit code is the verdict.',
    )
    .addArgument(definitionArgument())
    .option('--state <file>', 'of the rollout, as `rollout status --json` prints it; default its first stage')
    .option('--looks <file>', 'looks so far, of a plan that has looks; read only')
    .addOption(
      new Option('--at <time>', 'when it is decided: ISO time or epoch ms; default now').argParser(parseTime),
    )
    .addOption(jsonOption())
    .addHelpText('after', example('decide trial.yaml --log ./log --at 2026-01-06T09:00Z'))
    .action(async (file: string, options) => finish(await decide(console, file, options)))
  withLog(program.command('replay'))
    .summary('tell what the controller would have done')
    .description(
      'Runs the controller over a recorded log, look by look, by a clock of its own and with a store that forgets. ' +
        'An event is seen when it was received; where the log does not say when, when it happened.',
    )
    .addArgument(definitionArgument())
    .addOption(
      new Option('--every <duration>', 'between two looks').default(60_000, '1m').argParser(parseLength),
    )
    .addOption(
      new Option('--speed <n>', 'seconds of the recording in a second; default as fast as can be').argParser(
        parsePositive,
      ),
    )
    .addOption(new Option('--phase <n>', 'phase of the log').default(1).argParser(parsePhase))
    .addOption(jsonOption())
    .addHelpText('after', example('replay trial.yaml --log ./log --every 5m'))
    .action(async (file: string, options) => finish(await replay(console, file, options)))
}
