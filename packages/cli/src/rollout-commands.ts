import type { Command } from 'commander'
import { controlOption, example, jsonOption } from './command-options.ts'
import { abort, status } from './commands/rollout.ts'
import type { Console } from './console.ts'

/** The commands that speak to a control plane. */
export function addRolloutCommands(program: Command, console: Console): void {
  const rollout = program
    .command('rollout')
    .summary('look at a running rollout, or take it back')
    .description('Looks at a running rollout, or takes it back.')
  rollout
    .command('status')
    .description('Tells where a rollout stands, the last decision, and the proof of a rollback.')
    .argument('<key>', "the experiment's key")
    .addOption(controlOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rollout status home-ranking'))
    .action((key: string, options) => status(console, key, options))
  rollout
    .command('abort')
    .description('Takes a treatment back at once: everybody gets control again.')
    .argument('<key>', "the experiment's key")
    .requiredOption('--reason <text>', 'why; kept in the journal')
    .option('--by <name>', 'who', process.env['USER'] || 'operator')
    .addOption(controlOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rollout abort home-ranking --reason "search is down"'))
    .action((key: string, options) => abort(console, key, options))
}
