import { type Command, Option } from 'commander'
import { boundaries } from './commands/boundaries.ts'
import type { Console } from './console.ts'
import {
  parseAlpha,
  parseFractions,
  parseLooks,
  parseNumber,
  parseProbability,
  parseShares,
  parseSides,
} from './parse-number.ts'
import { spendings } from './planning/look-options.ts'

/** The commands of a trial that is still to come: how many units, and when to stop. */
export function addPlanningCommands(
  program: Command,
  console: Console,
  example: (line: string) => string,
): void {
  program
    .command('boundaries')
    .summary('tell at which z a look stops a trial')
    .description(
      'The bounds of a group-sequential design, at planned or unplanned looks, and what\n' +
        'becomes of trials that follow it: without an effect, and under the one it is\npowered for.',
    )
    .addOption(new Option('--spending <rule>', SPENDING).choices(spendings))
    .addOption(parameterOption())
    .addOption(
      new Option('--shares <list>', 'cumulative shares of alpha, of --spending given').argParser(parseShares),
    )
    .addOption(
      new Option('--design <shape>', 'a classical shape instead of spending')
        .choices(['obrien-fleming', 'pocock', 'wang-tsiatis'])
        .conflicts(['spending', 'parameter', 'shares', 'final']),
    )
    .addOption(new Option('--shape <delta>', 'of wang-tsiatis: 0 to 0.5').argParser(parseNumber))
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

function alphaOption(): Option {
  return new Option('--alpha <p>', 'chance of a false alarm, over all looks and sides')
    .default(0.05)
    .argParser(parseAlpha)
}

function sidesOption(): Option {
  return new Option('--sides <n>', '1: only an increase is looked for; default 2').argParser(parseSides)
}

function looksOption(otherwise: string): Option {
  return new Option('--looks <n>', `so many looks, evenly spaced; ${otherwise}`).argParser(parseLooks)
}

function informationOption(which: string): Option {
  return new Option('--information <list>', `information fractions of the looks, ${which}`).argParser(
    parseFractions,
  )
}

function jsonOption(): Option {
  return new Option('--json', 'one JSON document on stdout')
}
