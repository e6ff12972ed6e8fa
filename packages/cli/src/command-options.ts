import { Argument, Option } from 'commander'
import { parseAttributes, parseBrokers, parsePercent, parseTime, parseUrl } from './parse-argument.ts'

/** What a definition may be, in the help of every command that reads one. */
export const DEFINITION = 'definition: .json, .yaml, .ts or .js; FILE#NAME of a module with several'

/** An example below a command's help: a line of arguments, or a whole pipe. */
export function example(line: string): string {
  return `\nExample:\n  $ ${line.includes('| ') ? line : `fairtrial ${line}`}\n`
}

export function definitionArgument(): Argument {
  return new Argument('<file>', DEFINITION)
}

export function jsonOption(): Option {
  return new Option('--json', 'one JSON document on stdout')
}

export function attributesOption(): Option {
  return new Option('--attributes <json>', "the unit's attributes, an object").argParser(parseAttributes)
}

export function trafficOption(): Option {
  return new Option('--traffic <percent>', "share of units enrolled; default the last stage's").argParser(
    parsePercent,
  )
}

export function asOfOption(): Option {
  return new Option('--as-of <time>', 'when the look is taken: ISO time or epoch ms; default now').argParser(
    parseTime,
  )
}

/** Where the log is: one of the first two is to be given. */
export function logOptions(): Option[] {
  return [
    new Option('--log <dir>', 'directory of NDJSON segments').conflicts('kafka'),
    new Option('--kafka <brokers>', 'read topics instead: host:port,host:port; needs kafkajs').argParser(
      parseBrokers,
    ),
    new Option('--topic-prefix <prefix>', 'of PREFIX.exposures.v1 and the others; default fairtrial'),
  ]
}

/** Where the control plane is, and who asks it. */
export function planeOptions(): Option[] {
  return [
    new Option('--url <url>', 'where the control plane listens')
      .default('http://127.0.0.1:4600')
      .argParser(parseUrl),
    new Option('--token-file <file>', 'of the token; or the variable FAIRTRIAL_TOKEN'),
  ]
}
