import { Argument, type Command, Option } from 'commander'
import {
  attributesOption,
  DEFINITION,
  definitionArgument,
  example,
  jsonOption,
  trafficOption,
} from './command-options.ts'
import { assign } from './commands/assign.ts'
import { check } from './commands/check.ts'
import { explain } from './commands/explain.ts'
import { hash } from './commands/hash.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { parseSeed } from './parse-argument.ts'

/** The commands of a definition and the arms that it gives. */
export function addAssignmentCommands(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('check')
    .summary('validate definitions, alone and together')
    .description(
      'Validates definitions, each alone and all together, and prints their seals. Tells every problem of ' +
        'every file with its place, and what is valid but will be regretted (lint).',
    )
    .argument('<file...>', DEFINITION)
    .addOption(jsonOption())
    .addHelpText('after', example('check trials/*.yaml'))
    .action(async (files: string[], options) => finish(await check(console, files, options)))
  program
    .command('explain')
    .summary('tell every step from a unit to its arm')
    .description('Tells every step from a unit to its arm. Reads, and never exposes.')
    .addArgument(definitionArgument())
    .requiredOption('--unit <id>', "the unit's id")
    .addOption(attributesOption())
    .addOption(trafficOption())
    .addOption(jsonOption())
    .addHelpText('after', example(`explain trial.yaml --unit viewer-1 --attributes '{"country":"DE"}'`))
    .action((file: string, options) => explain(console, file, options))
  program
    .command('assign')
    .summary('assign units, a JSON line each')
    .description(
      'Assigns units and prints a JSON line for each, whose variant is null where the unit is not enrolled. ' +
        'With --units - ids are read from standard input, a line each.',
    )
    .addArgument(definitionArgument())
    .addOption(new Option('--unit <id>', 'one unit').conflicts('units'))
    .addOption(new Option('--units <->', 'ids from standard input').choices(['-']))
    .addOption(attributesOption())
    .addOption(trafficOption())
    .addOption(new Option('--json', 'no change: the lines are JSON already'))
    .addHelpText('after', example('assign trial.yaml --units - < ids.txt'))
    .action((file: string, options, command: Command) => {
      if (options.unit === undefined && options.units === undefined)
        command.error('error: give --unit ID or --units -')
      return assign(console, file, options)
    })
  program
    .command('hash')
    .summary('hash text, a line each')
    .description(
      'MurmurHash3 x86_32 of each line of standard input, as UTF-8 without its line feed: an unsigned ' +
        '32-bit integer a line.',
    )
    .addOption(new Option('--seed <n>', 'unsigned 32-bit seed').default(0).argParser(parseSeed))
    .addOption(new Option('--json', 'no change: each line is a JSON number already'))
    .addArgument(new Argument('<->', 'standard input').choices(['-']))
    .addHelpText('after', example("printf 'viewer-1\\n' | fairtrial hash --seed 42 -"))
    .action((_input: string, options) => hash(console, options.seed))
}
