import { type Command, Option } from 'commander'
import { definitionArgument, example, jsonOption } from './command-options.ts'
import { ready, type ReadyOptions } from './commands/ready.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { collectTexts, parseBrokers, parseLimit, parsePhase } from './parse-argument.ts'
import { parseLength } from './parse-number.ts'

const DAY = 86_400_000

/** The command that is asked before a trial begins. */
export function addReadinessCommand(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('ready')
    .summary('tell whether a trial may begin')
    .description(
      "Holds a definition against what was tried under it before the first unit: a contract test of the service's " +
        'instrumentation, a dry run, the events of each metric, the sample ratio, and an analysis that comes out the ' +
        'same again. What is not given has not passed.',
    )
    .addArgument(definitionArgument())
    .option('--contract <file>', 'report of the contract test: what contractReport has made')
    .addOption(new Option('--dry-run <dir>', 'log of the dry run: NDJSON segments').conflicts('kafka'))
    .addOption(
      new Option('--kafka <brokers>', 'log of the dry run in topics: host:port,host:port').argParser(
        parseBrokers,
      ),
    )
    .option('--topic-prefix <prefix>', 'of PREFIX.exposures.v1 and the others; default fairtrial')
    .option('--lock <file>', 'of the analysis of the dry run: what analyze --lock has written')
    .addOption(new Option('--phase <n>', 'phase of the dry run').default(1).argParser(parsePhase))
    .addOption(
      new Option(
        '--max-age <duration>',
        "of contract test and dry run, within the plan's ramp.start.maximumAge",
      )
        .default(7 * DAY, '7d')
        .argParser(parseLength),
    )
    .addOption(new Option('--min-units <n>', 'in each arm of the dry run').default(50).argParser(parseLimit))
    .addOption(
      new Option('--allow-unseen <metric>', 'of rare events, that few or none were seen; may be repeated')
        .default([], 'none')
        .argParser(collectTexts),
    )
    .addOption(
      new Option('--allow-uneven <metric>', 'that one arm has it less often; may be repeated')
        .default([], 'none')
        .argParser(collectTexts),
    )
    .addOption(
      new Option(
        '--allow-unmeasured <what>',
        'lateness, covariate:EVENT, dimension:NAME, input:NAME; may be repeated',
      )
        .default([], 'none')
        .argParser(collectTexts),
    )
    .option('--out <file>', 'writes the report, for rollout ready --report')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      example(
        'ready trial.yaml --contract contract.json --dry-run ./log --lock dry-run.lock --out ready.json',
      ),
    )
    .action(async (file: string, options: ReadyOptions) => finish(await ready(console, file, options)))
}
