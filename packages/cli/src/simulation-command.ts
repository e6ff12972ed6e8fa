import type { EffectSize } from '@fairtrial/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { definitionArgument, example, jsonOption } from './command-options.ts'
import { simulate } from './commands/simulate.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { parseLength, parsePositive, parseWhole } from './parse-number.ts'

/** The command that tries a plan before anybody is exposed to it. */
export function addSimulationCommand(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('simulate')
    .summary('try a plan in made-up worlds of known truth')
    .description(
      'Runs the whole plan, its looks, guardrails and ramp, through production code in worlds ' +
        'where the truth is known: no effect, the smallest lift worth having, harm. Tells how ' +
        'often it ships and aborts, how long it takes, and how many units meet a harm.',
    )
    .addArgument(definitionArgument())
    .addOption(new Option('--trials <n>', 'of each world').default(1_000).argParser(parseTrials))
    .addOption(new Option('--seed <n>', 'the same seed, the same answer').default(1).argParser(parseAnySeed))
    .addOption(
      new Option('--units-per-day <n>', "eligible units; default the plan's expectedUnitsPerDay").argParser(
        parsePositive,
      ),
    )
    .addOption(
      new Option('--look-every <duration>', 'default a hundredth of the horizon').argParser(parseLength),
    )
    .addOption(new Option('--shape <shape>', 'of means').choices(['normal', 'lognormal']).default('normal'))
    .option('--table <csv>', "unit table to draw control's units from, instead of the baselines")
    .option('--variant <column>', "the table's column of the arm")
    .option('--unit <column>', "the table's column of the unit")
    .addOption(
      new Option('--effect <metric=size>', 'a world of your own: started=-0.01, watched=+2%; may be repeated')
        .default([], 'none')
        .argParser(parseEffect),
    )
    .addOption(new Option('--workers <n>', 'threads; default one a core').argParser(parseWhole))
    .addOption(jsonOption())
    .addHelpText('after', example('simulate trial.yaml --units-per-day 20000'))
    .action(async (file: string, options, command: Command) => {
      if (options.table !== undefined && options.variant === undefined)
        command.error('error: --table needs --variant COLUMN')
      finish(await simulate(console, file, options))
    })
}

const MOST_TRIALS = 1_000_000

function parseTrials(text: string): number {
  const trials = parseWhole(text)
  if (trials > MOST_TRIALS) throw new InvalidArgumentError(`Give at most ${MOST_TRIALS}.`)
  return trials
}

function parseAnySeed(text: string): number {
  const seed = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError('Give a whole number.')
  return seed
}

function parseEffect(
  text: string,
  before: readonly { readonly metric: string; readonly size: EffectSize }[],
): readonly { readonly metric: string; readonly size: EffectSize }[] {
  const [, metric, number, percent] =
    /^([^=]+)=([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%?)$/i.exec(text) ?? []
  if (metric === undefined)
    throw new InvalidArgumentError('Give METRIC=SIZE, such as started=-0.01 or watched=+2%.')
  const size = Number(number)
  return [...before, { metric, size: percent ? { relative: size / 100 } : { absolute: size } }]
}
