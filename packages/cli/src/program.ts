import { Command, InvalidArgumentError, Option } from 'commander'
import { abort, status } from './commands/rollout.ts'
import { analyze } from './commands/analyze.ts'
import { assign } from './commands/assign.ts'
import { audit } from './commands/audit.ts'
import { check } from './commands/check.ts'
import { explain } from './commands/explain.ts'
import { hash } from './commands/hash.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'

/**
 * The commands, their arguments and options. Each action leaves its exit code with `finish`;
 * what a command throws is told by whoever runs the program.
 */
export function createProgram(console: Console, finish: (code: ExitCode) => void): Command {
  const program = new Command('fairtrial')
    .description('Gives every change a fair trial.')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
    })
  const json = () => new Option('--json', 'one JSON document on stdout')
  const attributes = () =>
    new Option('--attributes <json>', "the unit's attributes").argParser(parseAttributes)
  const traffic = () =>
    new Option('--traffic <percent>', "share enrolled; default the last stage's").argParser(parsePercent)
  const control = () =>
    new Option('--control <url>', 'where the control plane listens').default('http://127.0.0.1:4600')

  program
    .command('check')
    .description('validate definitions, alone and together')
    .argument('<file...>')
    .addOption(json())
    .action((files: string[], options) => check(console, files, options))
  program
    .command('explain')
    .description('tell every step from a unit to its arm')
    .argument('<file>')
    .requiredOption('--unit <id>', 'the unit')
    .addOption(attributes())
    .addOption(traffic())
    .addOption(json())
    .action((file: string, options) => explain(console, file, options))
  program
    .command('assign')
    .description('assign units, a JSON line each')
    .argument('<file>')
    .addOption(new Option('--unit <id>', 'one unit').conflicts('units'))
    .addOption(new Option('--units <->', 'ids from standard input, a line each').choices(['-']))
    .addOption(attributes())
    .addOption(traffic())
    .addOption(json())
    .action((file: string, options) => {
      if (options.unit === undefined && options.units === undefined)
        program.error('give --unit ID or --units -')
      return assign(console, file, options)
    })
  program
    .command('hash')
    .description('MurmurHash3 x86_32 of UTF-8 text, a line each')
    .addOption(new Option('--seed <n>', 'unsigned 32-bit seed').default(0).argParser(parseSeed))
    .argument('<->', 'standard input')
    .action((_input: string, options) => hash(console, options.seed))
  program
    .command('analyze')
    .description('evaluate a unit table or a log at one look')
    .argument('<file>')
    .addOption(new Option('--table <csv>', 'a row a unit; plain or .gz').conflicts('log'))
    .option('--variant <column>', 'column of the arm')
    .option('--unit <column>', 'column of the unit; without it rows are anonymous units')
    .option('--log <dir>', 'a directory of NDJSON segments')
    .addOption(new Option('--phase <n>', 'phase of the log').default(1).argParser(parsePhase))
    .addOption(new Option('--as-of <time>', 'ISO time or epoch ms; default now').argParser(parseTime))
    .addOption(json())
    .action(async (file: string, options) => {
      if (options.table === undefined && options.log === undefined)
        program.error('give --table CSV or --log DIR')
      if (options.table !== undefined && options.variant === undefined)
        program.error('--table needs --variant COLUMN')
      finish(await analyze(console, file, options))
    })
  program
    .command('audit')
    .description('can the numbers of a log be trusted?')
    .argument('<file>')
    .requiredOption('--log <dir>', 'a directory of NDJSON segments')
    .addOption(new Option('--as-of <time>', 'ISO time or epoch ms; default now').argParser(parseTime))
    .addOption(json())
    .action(async (file: string, options) => finish(await audit(console, file, options)))

  const rollout = program.command('rollout').description('look at and take back a running rollout')
  rollout
    .command('status')
    .argument('<key>')
    .addOption(control())
    .addOption(json())
    .action((key: string, options) => status(console, key, options))
  rollout
    .command('abort')
    .argument('<key>')
    .requiredOption('--reason <text>', 'why; kept in the journal')
    .option('--by <name>', 'who', process.env['USER'] ?? 'operator')
    .addOption(control())
    .addOption(json())
    .action((key: string, options) => abort(console, key, options))
  return program
}

function parseAttributes(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`Not JSON: ${(error as Error).message}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('Give a JSON object.')
  }
  return value
}

function parsePercent(text: string): number {
  const percent = Number(text)
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw new InvalidArgumentError('Give 0 to 100.')
  return percent
}

function parseSeed(text: string): number {
  const seed = Number(text)
  if (text.trim() === '' || !Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('Give an integer from 0 to 4294967295.')
  }
  return seed
}

function parsePhase(text: string): number {
  const phase = Number(text)
  if (!Number.isSafeInteger(phase) || phase < 1) throw new InvalidArgumentError('Give a whole number from 1.')
  return phase
}

function parseTime(text: string): number {
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  if (!Number.isSafeInteger(time))
    throw new InvalidArgumentError('Give an ISO 8601 time or epoch milliseconds.')
  return time
}
