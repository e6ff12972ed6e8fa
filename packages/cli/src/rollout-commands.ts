import type { OrderAction } from '@fairtrial/rollout'
import type { Command } from 'commander'
import { example, jsonOption, planeOptions } from './command-options.ts'
import { type OrderOptions, order, type RolloutOptions, status } from './commands/rollout.ts'
import type { Console } from './console.ts'

/** What each order does, and an example of its reason. */
const ORDERS: { readonly [action in OrderAction]: readonly [does: string, reason: string] } = {
  abort: ['Takes a treatment back at once: everybody gets control again.', 'search is down'],
  hold: ['Holds the ramp, until somebody resumes or aborts it. Harm still aborts.', 'a big match tonight'],
  resume: ['Lets a ramp that somebody holds go on.', 'the match is over'],
  advance: [
    "Goes to the next stage without waiting for the rest of this one's time and units.",
    'seen in the lab',
  ],
  approve: ['Says that the stage may be left, where the plan asks people.', 'support has seen no complaint'],
  retry: ['Opens a new phase after an abort or a stop, with fresh evidence.', 'the timeout is mended'],
}

/** The commands that steer a rollout by way of a control plane. */
export function addRolloutCommands(program: Command, console: Console): void {
  const rollout = program
    .command('rollout')
    .summary('look at a running rollout, steer it, or take it back')
    .description('Looks at a running rollout, steers it, or takes it back, by way of a control plane.')
  const looking = rollout
    .command('status')
    .description('Tells where a rollout stands, the last decision, and the proof of a rollback.')
    .argument('<key>', "the experiment's key")
  for (const option of planeOptions()) looking.addOption(option)
  looking
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
    for (const option of planeOptions()) ordering.addOption(option)
    ordering
      .addOption(jsonOption())
      .addHelpText('after', example(`rollout ${action} home-ranking --reason "${reason}"`))
      .action((key: string, options: OrderOptions) => order(console, action as OrderAction, key, options))
  }
}
