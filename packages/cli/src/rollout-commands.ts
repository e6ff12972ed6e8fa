import type { OrderAction } from '@fairtrial/rollout'
import { type Command, Option } from 'commander'
import { example, jsonOption, withPlane } from './command-options.ts'
import { decisions, type DecisionsOptions } from './commands/decisions.ts'
import { type OrderOptions, order, type RolloutOptions, status } from './commands/rollout.ts'
import { serve } from './commands/serve.ts'
import { watch, type WatchOptions } from './commands/watch.ts'
import type { Console } from './console.ts'
import type { ExitCode } from './exit-code.ts'
import { parseLimit, parsePhase } from './parse-argument.ts'

/** What each order does, and an example of its reason. */
const ORDERS: { readonly [action in OrderAction]: readonly [does: string, reason: string] } = {
  abort: ['Takes a treatment back at once: everybody gets control again.', 'search is down'],
  hold: ['Holds the ramp, until somebody resumes or aborts it. Harm still aborts.', 'a big match tonight'],
  resume: ['Lets a ramp that somebody holds go on.', 'the match is over'],
  advance: [
    "Goes to the next stage without waiting for the rest of this one's time and units.",
    'seen in the lab',
  ],
  approve: [
    'Says that a phase may start, or a stage be left, where the plan asks people.',
    'support has seen no complaint',
  ],
  retry: ['Opens a new phase after an abort or a stop, with fresh evidence.', 'the timeout is mended'],
  ready: ['Gives the readiness report that a phase awaits before it starts.', 'checked on staging'],
}

/** The commands of a control plane: the one that starts it, and those that look and steer by way of it. */
export function addRolloutCommands(
  program: Command,
  console: Console,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('serve')
    .summary('start the control plane')
    .description(
      'Starts the control plane of @fairtrial/control-plane with the same options: --definition (.json, .yaml, .ts ' +
        'or .js), --data, --port and more; `serve --help` prints its own.',
    )
    .argument('[options...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (_: readonly string[], __: object, command: Command) =>
      finish(await serve(console, command.args)),
    )
  const rollout = program
    .command('rollout')
    .summary('look at a running rollout, steer it, or take it back')
    .description('Looks at a running rollout, steers it, or takes it back, by way of a control plane.')
  withPlane(rollout.command('status'))
    .description('Tells where a rollout stands, the last decision, and the proof of a rollback.')
    .argument('<key>', "the experiment's key")
    .addOption(jsonOption())
    .addHelpText('after', example('rollout status home-ranking'))
    .action((key: string, options: RolloutOptions) => status(console, key, options))
  for (const [action, [does, reason]] of Object.entries(ORDERS)) {
    const ordering = rollout
      .command(action)
      .description(`${does} Answers with what stands then.`)
      .argument('<key>', "the experiment's key")
      .requiredOption('--reason <text>', 'why; kept in the journal')
      .option('--by <name>', "who; a token's name counts instead", process.env['USER'] || 'operator')
    const takesReport = action === 'ready'
    if (takesReport) ordering.requiredOption('--report <file>', 'what `fairtrial ready` has written')
    const isOfSeen = action === 'approve'
    if (isOfSeen) {
      ordering.addOption(
        new Option(
          '--revision <n>',
          'what you have seen, as `rollout status` tells it; another is not approved',
        )
          .argParser(parsePhase)
          .makeOptionMandatory(),
      )
    }
    const more = takesReport ? ' --report ready.json' : isOfSeen ? ' --revision 4' : ''
    withPlane(ordering)
      .addOption(jsonOption())
      .addHelpText('after', example(`rollout ${action} home-ranking${more} --reason "${reason}"`))
      .action((key: string, options: OrderOptions) => order(console, action as OrderAction, key, options))
  }
  withPlane(program.command('watch'))
    .summary('watch a rollout until it is over')
    .description(
      'Shows a rollout as it goes: drawn anew on a terminal, a line for each change elsewhere. Ends when it is over, ' +
        'a rollback when it is proved; the exit code says how.',
    )
    .argument('<key>', "the experiment's key")
    .addOption(new Option('--json', 'one JSON document a line, for each change'))
    .addHelpText('after', example('watch home-ranking'))
    .action(async (key: string, options: Pick<WatchOptions, 'url' | 'tokenFile' | 'json'>) => {
      const ended = new AbortController()
      const end = () => ended.abort()
      process.once('SIGINT', end)
      const isColoured = !process.env['NO_COLOR']
      finish(
        await watch(console, key, { ...options, isColoured, signal: ended.signal }).finally(() =>
          process.off('SIGINT', end),
        ),
      )
    })
  withPlane(program.command('decisions'))
    .summary('tell who decided what, and why')
    .description(
      'Prints the decision log of a rollout, the newest first: when, who, by which rule, why, on what evidence, and who ' +
        'disagreed.',
    )
    .argument('<key>', "the experiment's key")
    .option('--data <dir>', 'reads the journal of a control plane that is not running')
    .option('--rule <rule>', 'only of this rule')
    .option('--by <name>', 'only of this person, or of controller')
    .option('--text <text>', 'only where this was said')
    .addOption(new Option('--limit <n>', 'at most so many').default(20).argParser(parseLimit))
    .addOption(jsonOption())
    .addHelpText('after', example('decisions home-ranking --rule guardrail-breach'))
    .action((key: string, options: DecisionsOptions) => decisions(console, key, options))
}
