import { type Command, Option } from 'commander'
import { example, jsonOption } from './command-options.ts'
import { retain, type RetainOptions } from './commands/retain.ts'
import type { Console } from './console.ts'
import { collectKeys, parseAge } from './parse-argument.ts'

/** The commands that look after a log. */
export function addLogCommands(program: Command, console: Console): void {
  program
    .command('retain')
    .summary('remove what a log has kept for long enough')
    .description(
      'Removes the segments of a log all of whose events are older, and records what they were in ' +
        'retention.jsonl beside them. What an experiment needs that runs stays, and of each writer the last segment. ' +
        'It removes nothing of an experiment of which nobody knows whether it runs, and nothing beside a control ' +
        'plane that does: that one has --retain.',
    )
    .argument('<dir>', 'directory of NDJSON segments')
    .addOption(
      new Option('--older-than <duration>', 'how long a log is kept: 90d, 36h')
        .argParser(parseAge)
        .makeOptionMandatory(),
    )
    .option(
      '--state <dir>',
      'of the states, which tell what runs; default the folder state beside DIR, where there is one',
    )
    .addOption(
      new Option(
        '--nothing-runs [key]',
        'that no phase of an experiment runs, where no state tells; may be repeated; without a key: of none',
      ).argParser(collectKeys),
    )
    .option('--dry-run', 'says what would go, and removes nothing')
    .option('--trust-clock', 'by the clock of this machine alone: for a log to which nobody writes any more')
    .option('--by <name>', 'who lets it go, for the record; default whoever runs the command')
    .addOption(jsonOption())
    .addHelpText('after', example('retain .fairtrial/log --older-than 90d --dry-run'))
    .action((directory: string, options: RetainOptions) => retain(console, directory, options))
}
