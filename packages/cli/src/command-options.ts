import { Argument, type Command, Option } from 'commander'
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

/** Adds the options that say where the log is. */
export function withLogOptions(command: Command): Command {
  return command
    .addOption(new Option('--log <dir>', 'directory of NDJSON segments').conflicts('kafka'))
    .addOption(
      new Option('--kafka <brokers>', 'read topics instead: host:port,host:port; needs kafkajs').argParser(
        parseBrokers,
      ),
    )
    .option('--topic-prefix <prefix>', 'of PREFIX.exposures.v1 and the others; default fairtrial')
}

/** Adds them to a command that is nothing without a log, and refuses its line where it names none. */
export function withLog(command: Command): Command {
  return withLogOptions(command).hook('preAction', (_, acting) => {
    const { log, kafka } = acting.opts()
    if (log === undefined && kafka === undefined) acting.error('error: give --log DIR or --kafka BROKERS')
  })
}

/** Adds the options that say where the control plane is, and who asks it. */
export function withPlane(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where the control plane listens')
        .default('http://127.0.0.1:4600')
        .argParser(parseUrl),
    )
    .option('--token-file <file>', 'of the token; or the variable FAIRTRIAL_TOKEN')
}
