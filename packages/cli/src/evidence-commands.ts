import { type Command, Option } from 'commander'
import { parseCounts, parseWeights } from './arm-numbers.ts'
import {
  asOfOption,
  definitionArgument,
  example,
  jsonOption,
  withLog,
  withLogOptions,
} from './command-options.ts'
import { analyze } from './commands/analyze.ts'
import { audit } from './commands/audit.ts'
import { holdout } from './commands/holdout.ts'
import { srm } from './commands/srm.ts'
import { tail } from './commands/tail.ts'
import { verify } from './commands/verify.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { collectConditions, collectTexts, parseBrokers, parseLimit, parsePhase } from './parse-argument.ts'
import { parsePeriod, parsePositive, parseProbability, parseWhole } from './parse-number.ts'

/** The commands that read what a trial has brought. */
export function addEvidenceCommands(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  withLogOptions(withTableOptions(program.command('analyze')))
    .summary('evaluate a unit table or a log')
    .description(
      'Takes one look at a unit table (a row a unit, a column a metric) or at a log: audits it, evaluates ' +
        'every metric, decides. The exit code is the verdict.',
    )
    .addArgument(definitionArgument())
    .addOption(new Option('--phase <n>', 'phase of the log').default(1).argParser(parsePhase))
    .option('--looks <file>', 'looks so far, kept with this one; without it, this is the first')
    .addOption(
      new Option('--look <kind>', 'why a look out of schedule is taken')
        .choices(['scheduled', 'independent', 'chosen', 'final', 'glance'])
        .default('scheduled'),
    )
    .addOption(new Option('--lock <file>', 'nails the analysis down in a new file, for `fairtrial verify`'))
    .addOption(asOfOption())
    .addOption(jsonOption())
    .addHelpText('after', example('analyze trial.yaml --table units.csv.gz --variant version --json'))
    .action(async (file: string, options, command: Command) => {
      if (options.table === undefined && options.log === undefined && options.kafka === undefined)
        command.error('error: give --table CSV, --log DIR or --kafka BROKERS')
      if (options.table !== undefined && options.variant === undefined)
        command.error('error: --table needs --variant COLUMN')
      finish(await analyze(console, file, options))
    })
  program
    .command('holdout')
    .summary('tell what all that has shipped since a holdout began has done')
    .description(
      'Draws every unit of a table by its id, as services do, and compares the arms of the holdout that the definition ' +
        'names, all-shipped against status-quo, on the metrics of its plan: the cumulative effect of what has shipped.',
    )
    .addArgument(definitionArgument())
    .requiredOption('--table <csv>', 'unit table with a header; plain or .gz')
    .requiredOption('--unit <column>', "the table's column of the unit, by the id that services assign by")
    .addOption(
      new Option('--where <column=value>', 'reads the rows that have it; may be repeated').argParser(
        collectConditions,
      ),
    )
    .addOption(
      new Option(
        '--covariate <column>',
        'adjusts by it: known before the holdout began; may be repeated',
      ).argParser(collectTexts),
    )
    .addOption(
      new Option(
        '--period <duration>',
        'how long the table looks at a unit: tells the effect a day',
      ).argParser(parsePeriod),
    )
    .addOption(
      new Option(
        '--population <units>',
        'all units that get what has shipped; default those of the table',
      ).argParser(parseWhole),
    )
    .addOption(asOfOption())
    .addOption(jsonOption())
    .addHelpText('after', example('holdout trial.yaml --table viewers.csv.gz --unit viewer --period 90d'))
    .action(async (file: string, options) => finish(await holdout(console, file, options)))
  withLog(program.command('audit'))
    .summary('tell whether the numbers of a log can be trusted')
    .description(
      'Replays every assignment of a log, tests its sample ratio, and counts gaps, duplicates, crossover, ' +
        'leaks and late events. Never reads the value of an outcome.',
    )
    .addArgument(definitionArgument())
    .addOption(asOfOption())
    .addOption(jsonOption())
    .addHelpText('after', example('audit trial.yaml --log ./log'))
    .action(async (file: string, options) => finish(await audit(console, file, options)))
  withLog(program.command('tail'))
    .summary('print the events of a log as they come')
    .description(
      'Prints the events of a log, a line each, from its beginning on; with --follow also what comes then. ' +
        'What a unit was shown or did beyond that is never printed, but for allow-listed features with --json.',
    )
    .option('--follow', 'wait for what comes, until interrupted')
    .option('--experiment <key>', 'only of this experiment; outcomes belong to none')
    .option('--unit <id>', 'only of this unit')
    .addOption(new Option('--limit <n>', 'ends after so many lines').argParser(parseLimit))
    .addOption(new Option('--json', 'one JSON document a line'))
    .addHelpText('after', example('tail --kafka localhost:9092 --follow --experiment home-ranking'))
    .action((options) => tail(console, options))
  program
    .command('verify')
    .summary('make a locked analysis again')
    .description(
      'Makes the analysis of a lock again, from the same stretch of the same data, and tells whether the answer ' +
        'is the same, byte for byte. What has changed since is told: the definition, the data, the code, the answer.',
    )
    .argument('<lock>', 'the file that analyze --lock wrote')
    .addOption(
      new Option('--kafka <brokers>', 'where its topics are now; default where they were').argParser(
        parseBrokers,
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', example('verify evaluation.lock'))
    .action(async (lock: string, options) => finish(await verify(console, lock, options)))
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
    .addOption(jsonOption())
    .addHelpText('after', example('srm --observed control=44700,late=45489 --weights 1,1'))
    .action((options) => finish(srm(console, options)))
}

function withTableOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--table <csv>', 'unit table with a header; plain or .gz').conflicts(['log', 'kafka']),
    )
    .option('--variant <column>', "the table's column of the arm, by a variant's value or name")
    .option('--unit <column>', "the table's column of the unit; without it each row is a unit")
    .addOption(
      new Option(
        '--units <column>',
        'each row stands for so many units, its metrics for successes',
      ).conflicts(['log', 'kafka', 'unit', 'dimension', 'covariate']),
    )
    .addOption(
      new Option('--where <column=value>', 'reads the rows that have it; may be repeated')
        .argParser(collectConditions)
        .conflicts(['log', 'kafka']),
    )
    .addOption(
      new Option('--dimension <column>', 'sample ratio and effects along it; may be repeated')
        .argParser(collectTexts)
        .conflicts(['log', 'kafka']),
    )
    .addOption(
      new Option('--covariate <column>', 'known before exposure: is it balanced? may be repeated')
        .argParser(collectTexts)
        .conflicts(['log', 'kafka']),
    )
}
