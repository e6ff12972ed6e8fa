import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFINITION, example, jsonOption } from './command-options.ts'
import { boundaries, designs } from './commands/boundaries.ts'
import { power } from './commands/power.ts'
import type { Console } from './console.ts'
import {
  parseAlpha,
  parseCorrelation,
  parseFractions,
  parseLooks,
  parseNumber,
  parsePositive,
  parseProbability,
  parseShare,
  parseShares,
  parseSides,
  parseSizes,
  parseWeights,
  parseWhole,
} from './parse-number.ts'
import { ruleOfMethod } from './planning/definition-options.ts'
import { spendings } from './planning/look-options.ts'
import { corrections } from './planning/power-options.ts'

/** The commands of a trial that is still to come: how many units, and when to stop. */
export function addPlanningCommands(program: Command, console: Console): void {
  addPower(program, console)
  addBoundaries(program, console)
}

function addPower(program: Command, console: Console): void {
  program
    .command('power')
    .summary('tell how many units a trial needs')
    .description(
      'How many units find an effect (--mde or --margin); with --n, what power so many units have; ' +
        'with --n and no effect, which effect they find. A definition gives the numbers of its ' +
        'primary metric; what an option says goes before them.',
    )
    .argument('[file]', DEFINITION)
    .addOption(
      new Option('--metric <type>', 'what is compared').choices(['mean', 'proportion', 'ratio', 'count']),
    )
    .addOption(
      new Option('--baseline <x>', 'its value in control; a rate from 0 to 1').argParser(parseNumber),
    )
    .addOption(new Option('--sd <x>', 'standard deviation over units').argParser(parsePositive))
    .addOption(new Option('--treatment-sd <x>', 'in treatment, where it is another').argParser(parsePositive))
    .addOption(new Option('--numerator-mean <x>', 'of a ratio').argParser(parseNumber))
    .addOption(new Option('--numerator-sd <x>', 'of a ratio').argParser(parsePositive))
    .addOption(new Option('--denominator-mean <x>', 'of a ratio').argParser(parsePositive))
    .addOption(new Option('--denominator-sd <x>', 'of a ratio').argParser(parsePositive))
    .addOption(
      new Option('--correlation <r>', 'of numerator and denominator, over units').argParser(parseCorrelation),
    )
    .addOption(
      new Option('--variance <convention>', 'of a proportion under the null; default pooled').choices([
        'pooled',
        'unpooled',
      ]),
    )
    .addOption(new Option('--mde <x>', 'smallest effect worth finding').argParser(parseNumber))
    .addOption(new Option('--margin <x>', 'harm that is to be ruled out').argParser(parsePositive))
    .option('--relative', 'mde and margin are shares of the baseline: 0.02')
    .addOption(
      new Option('--direction <way>', 'which way is better; default as the sign of mde').choices([
        'increase',
        'decrease',
      ]),
    )
    .addOption(
      new Option('--n <units>', 'units of each arm, or of every arm: 500,1500').argParser(parseSizes),
    )
    .addOption(
      new Option('--power <p>', 'chance to find the effect; default 0.8').argParser(parseProbability),
    )
    .addOption(alphaOption())
    .addOption(sidesOption())
    .addOption(
      new Option('--allocation <weights>', 'of the arms, control first; default 1,1').argParser(parseWeights),
    )
    .addOption(new Option('--cluster-size <n>', 'units that are assigned together').argParser(parsePositive))
    .addOption(new Option('--icc <r>', 'correlation within clusters').argParser(parseShare))
    .addOption(new Option('--clusters <n>', 'clusters of each arm, in place of --n').argParser(parseWhole))
    .addOption(new Option('--comparisons <k>', 'tests that are judged together').argParser(parseWhole))
    .addOption(
      new Option('--correction <method>', 'over the comparisons; default bonferroni').choices(corrections),
    )
    .addOption(
      new Option('--plan <rule>', "when the trial stops, or a definition's method; default fixed")
        .choices(rules)
        .argParser(parsePlan),
    )
    .addOption(looksOption('default 5, of anytime 1'))
    .addOption(informationOption('ending at 1'))
    .addOption(new Option('--spending <rule>', SPENDING).choices(spendings))
    .addOption(parameterOption())
    .addOption(sharesOption())
    .addOption(
      new Option(
        '--tune-at <units>',
        'of the two arms compared, where a confidence sequence is tightest; default its end',
      ).argParser(parsePositive),
    )
    .addOption(new Option('--units-per-day <n>', 'for how long it takes').argParser(parsePositive))
    .addOption(jsonOption())
    .addHelpText('after', example('power --metric proportion --baseline 0.05 --mde 0.1 --relative'))
    .action((file: string | undefined, options) => power(console, file, options))
}

function addBoundaries(program: Command, console: Console): void {
  program
    .command('boundaries')
    .summary('tell at which z a look stops a trial')
    .description(
      'The bounds of a design that looks more than once, at planned or unplanned looks, and what ' +
        'becomes of trials that follow it: without an effect, and under the one it is ' +
        'powered for.',
    )
    .addOption(new Option('--spending <rule>', SPENDING).choices(spendings))
    .addOption(parameterOption())
    .addOption(sharesOption())
    .addOption(
      new Option('--design <name>', 'a classical shape or a sequence; default spending').choices(designs),
    )
    .addOption(new Option('--shape <delta>', 'of wang-tsiatis: 0 to 0.5').argParser(parseNumber))
    .addOption(
      new Option('--tune-at <t>', 'of anytime and hybrid: an information fraction; default 1').argParser(
        parsePositive,
      ),
    )
    .addOption(alphaOption())
    .addOption(sidesOption())
    .addOption(looksOption('default 5'))
    .addOption(informationOption('as they were, planned or not'))
    .option('--final', 'no look will follow: spend what is left of alpha')
    .addOption(
      new Option('--futility <rule>', 'spend beta too, and tell when there is no hope left').choices(
        spendings.filter((rule) => rule !== 'given'),
      ),
    )
    .addOption(
      new Option('--futility-parameter <x>', 'its gamma, default -2, or power').argParser(parseNumber),
    )
    .option('--binding', 'who crosses a futility bound must stop')
    .addOption(new Option('--power <p>', 'for the drift; default 0.8').argParser(parseProbability))
    .addOption(
      new Option('--drift <x>', 'mean of z at full information').argParser(parseNumber).conflicts('power'),
    )
    .addOption(jsonOption())
    .addHelpText('after', example('boundaries --information 0.3,0.5,0.8,1 --alpha 0.05'))
    .action((options) => boundaries(console, options))
}

const SPENDING = 'how alpha is spent; default hwang-shih-decani'

function parameterOption(): Option {
  return new Option('--parameter <x>', 'gamma of hwang-shih-decani (-4), power of kim-demets (2)').argParser(
    parseNumber,
  )
}

function sharesOption(): Option {
  return new Option('--shares <list>', 'cumulative shares of alpha, of --spending given').argParser(
    parseShares,
  )
}

function alphaOption(): Option {
  return new Option(
    '--alpha <p>',
    'chance of a false alarm, over all looks and sides; default 0.05',
  ).argParser(parseAlpha)
}

function sidesOption(): Option {
  return new Option('--sides <n>', '1: only one direction is looked for; default 2').argParser(parseSides)
}

function looksOption(otherwise: string): Option {
  return new Option('--looks <n>', `so many looks, evenly spaced; ${otherwise}`).argParser(parseLooks)
}

function informationOption(which: string): Option {
  return new Option('--information <list>', `information fractions of the looks, ${which}`).argParser(
    parseFractions,
  )
}

const rules = ['fixed', 'group-sequential', 'anytime', 'hybrid']

function parsePlan(text: string): string {
  const rule = Object.hasOwn(ruleOfMethod, text) ? ruleOfMethod[text as keyof typeof ruleOfMethod] : text
  if (rules.includes(rule)) return rule
  throw new InvalidArgumentError(`Allowed choices are ${rules.join(', ')}.`)
}
