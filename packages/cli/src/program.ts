import { readFileSync } from 'node:fs'
import { Argument, Command, Option } from 'commander'
import { parseCounts, parseWeights } from './arm-numbers.ts'
import { analyze } from './commands/analyze.ts'
import { assign } from './commands/assign.ts'
import { audit } from './commands/audit.ts'
import { check } from './commands/check.ts'
import { explain } from './commands/explain.ts'
import { hash } from './commands/hash.ts'
import { abort, status } from './commands/rollout.ts'
import { srm } from './commands/srm.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import {
  collectConditions,
  collectTexts,
  parseAttributes,
  parseControl,
  parsePercent,
  parsePhase,
  parseSeed,
  parseTime,
} from './parse-argument.ts'
import { parsePositive, parseProbability } from './parse-number.ts'
import { addPlanningCommands } from './planning-commands.ts'
import { addSimulationCommand } from './simulation-command.ts'

/**
 * The commands, their arguments and options. Each action leaves its exit code with `finish`;
 * what a command throws is told by whoever runs the program.
 */
export function createProgram(console: Console, finish: (code: ExitCode) => void): Command {
  const program = new Command('fairtrial')
    .description(
      'Gives every change a fair trial: size it, check it, try it, assign, analyze, audit, take it back.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('See fairtrial --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, 'fairtrial:')),
    })
  const definition = () => new Argument('<file>', DEFINITION)
  const json = () => new Option('--json', 'one JSON document on stdout')
  const attributes = () =>
    new Option('--attributes <json>', "the unit's attributes, an object").argParser(parseAttributes)
  const traffic = () =>
    new Option('--traffic <percent>', "share of units enrolled; default the last stage's").argParser(
      parsePercent,
    )
  const asOf = () =>
    new Option('--as-of <time>', 'when the look is taken: ISO time or epoch ms; default now').argParser(
      parseTime,
    )
  const control = () =>
    new Option('--control <url>', 'where the control plane listens')
      .default('http://127.0.0.1:4600')
      .argParser(parseControl)

  program
    .command('check')
    .summary('validate definitions, alone and together')
    .description(
      'Validates definitions, each alone and all together, and prints their seals. Tells every problem of ' +
        'every file with its place, and what is valid but will be regretted (lint).',
    )
    .argument('<file...>', DEFINITION)
    .addOption(json())
    .addHelpText('after', example('check trials/*.yaml'))
    .action(async (files: string[], options) => finish(await check(console, files, options)))
  program
    .command('explain')
    .summary('tell every step from a unit to its arm')
    .description('Tells every step from a unit to its arm. Reads, and never exposes.')
    .addArgument(definition())
    .requiredOption('--unit <id>', "the unit's id")
    .addOption(attributes())
    .addOption(traffic())
    .addOption(json())
    .addHelpText('after', example(`explain trial.yaml --unit viewer-1 --attributes '{"country":"DE"}'`))
    .action((file: string, options) => explain(console, file, options))
  program
    .command('assign')
    .summary('assign units, a JSON line each')
    .description(
      'Assigns units and prints a JSON line for each, whose variant is null where the unit is not enrolled. ' +
        'With --units - ids are read from standard input, a line each.',
    )
    .addArgument(definition())
    .addOption(new Option('--unit <id>', 'one unit').conflicts('units'))
    .addOption(new Option('--units <->', 'ids from standard input').choices(['-']))
    .addOption(attributes())
    .addOption(traffic())
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
  program
    .command('analyze')
    .summary('evaluate a unit table or a log')
    .description(
      'Takes one look at a unit table (a row a unit, a column a metric) or at a log: audits it, evaluates ' +
        'every metric, decides. The exit code is the verdict.',
    )
    .addArgument(definition())
    .addOption(new Option('--table <csv>', 'unit table with a header; plain or .gz').conflicts('log'))
    .option('--variant <column>', "the table's column of the arm, by a variant's value or name")
    .option('--unit <column>', "the table's column of the unit; without it each row is a unit")
    .addOption(
      new Option(
        '--units <column>',
        'each row stands for so many units, its metrics for successes',
      ).conflicts(['log', 'unit', 'dimension', 'covariate']),
    )
    .addOption(
      new Option('--where <column=value>', 'reads the rows that have it; may be repeated')
        .argParser(collectConditions)
        .conflicts('log'),
    )
    .addOption(
      new Option('--dimension <column>', 'sample ratio and effects along it; may be repeated')
        .argParser(collectTexts)
        .conflicts('log'),
    )
    .addOption(
      new Option('--covariate <column>', 'known before exposure: is it balanced? may be repeated')
        .argParser(collectTexts)
        .conflicts('log'),
    )
    .option('--log <dir>', 'directory of NDJSON segments')
    .addOption(new Option('--phase <n>', 'phase of the log').default(1).argParser(parsePhase))
    .option('--looks <file>', 'looks so far, kept with this one; without it, this is the first')
    .addOption(
      new Option('--look <kind>', 'why a look out of schedule is taken')
        .choices(['scheduled', 'independent', 'chosen', 'final', 'glance'])
        .default('scheduled'),
    )
    .addOption(asOf())
    .addOption(json())
    .addHelpText('after', example('analyze trial.yaml --table units.csv.gz --variant version --json'))
    .action(async (file: string, options, command: Command) => {
      if (options.table === undefined && options.log === undefined)
        command.error('error: give --table CSV or --log DIR')
      if (options.table !== undefined && options.variant === undefined)
        command.error('error: --table needs --variant COLUMN')
      finish(await analyze(console, file, options))
    })
  program
    .command('audit')
    .summary('tell whether the numbers of a log can be trusted')
    .description(
      'Replays every assignment of a log, tests its sample ratio, and counts gaps, duplicates, crossover, ' +
        'leaks and late events. Never reads the value of an outcome.',
    )
    .addArgument(definition())
    .requiredOption('--log <dir>', 'directory of NDJSON segments')
    .addOption(asOf())
    .addOption(json())
    .addHelpText('after', example('audit trial.yaml --log ./log'))
    .action(async (file: string, options) => finish(await audit(console, file, options)))
  program
    .command('srm')
    .summary('test counts of units against their weights')
    .description(
      'Tests whether units fell on the arms as the weights say (sample ratio mismatch). Needs no definition. ' +
        'Without --sequential the test is right for one look; with it, for any number of looks.',
    )
    .addOption(
      new Option('--observed <counts>', 'units by arm: 120,130 or control=120,model=130')
        .argParser(parseCounts)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--weights <weights>', 'their weights, of any sum: 1,1')
        .argParser(parseWeights)
        .makeOptionMandatory(),
    )
    .option('--sequential', 'test cumulative counts at any number of looks')
    .addOption(new Option('--alpha <p>', 'the error to allow').default(0.001).argParser(parseProbability))
    .addOption(
      new Option('--concentration <units>', 'strength of the sequential prior')
        .default(10_000)
        .argParser(parsePositive),
    )
    .addOption(json())
    .addHelpText('after', example('srm --observed control=44700,late=45489 --weights 1,1'))
    .action((options) => finish(srm(console, options)))
  addPlanningCommands(program, console, { definition: DEFINITION, example })
  addSimulationCommand(program, console, { definition: DEFINITION, example }, finish)

  const rollout = program
    .command('rollout')
    .summary('look at a running rollout, or take it back')
    .description('Looks at a running rollout, or takes it back.')
  rollout
    .command('status')
    .description('Tells where a rollout stands, the last decision, and the proof of a rollback.')
    .argument('<key>', "the experiment's key")
    .addOption(control())
    .addOption(json())
    .addHelpText('after', example('rollout status home-ranking'))
    .action((key: string, options) => status(console, key, options))
  rollout
    .command('abort')
    .description('Takes a treatment back at once: everybody gets control again.')
    .argument('<key>', "the experiment's key")
    .requiredOption('--reason <text>', 'why; kept in the journal')
    .option('--by <name>', 'who', process.env['USER'] || 'operator')
    .addOption(control())
    .addOption(json())
    .addHelpText('after', example('rollout abort home-ranking --reason "search is down"'))
    .action((key: string, options) => abort(console, key, options))
  return program
}

const DEFINITION = 'definition: .json, .yaml, .ts or .js; FILE#NAME of a module with several'

const EXIT_CODES = `
Exit codes:
  0 ok   1 internal error   2 wrong usage, definition or table
  3 guardrail breached   4 inconclusive   5 data not to be trusted
  6 control plane unreachable
`

function example(line: string): string {
  return `\nExample:\n  $ ${line.includes('| ') ? line : `fairtrial ${line}`}\n`
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
