import { parseArgs } from 'node:util'
import { isScenarioName, type ScenarioName, scenarios } from '../scenarios.ts'

export const USAGE = `A ranking model on trial in a streaming service, from its first viewer to its rollback.

  pnpm demo [--scenario NAME] [--seed N] [--keep]

  --scenario harmful          the model saturates as the ramp goes on: an abort (default)
  --scenario healthy          the ramp goes to its end: shipped on its plan
  --scenario broken-logging   15 % of one arm's exposures are lost: held, and told why
  --seed N                    another population of viewers (7)
  --keep                      keeps the control plane, and so the console, until Ctrl-C
`

/** What the demo was asked for. */
export type Arguments =
  | { readonly kind: 'run'; readonly scenario: ScenarioName; readonly seed: number; readonly keep: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }

export function readArguments(args: readonly string[]): Arguments {
  try {
    const { scenario, seed, keep, help } = parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string', default: 'harmful' },
        seed: { type: 'string', default: '7' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
    if (help) return { kind: 'help' }
    if (!isScenarioName(scenario)) {
      const names = Object.keys(scenarios).join(', ')
      return { kind: 'wrong', message: `--scenario ${JSON.stringify(scenario)} is not one of ${names}.` }
    }
    if (!/^\d{1,9}$/.test(seed)) {
      return {
        kind: 'wrong',
        message: `--seed ${JSON.stringify(seed)} is not a whole number of 1 to 9 digits.`,
      }
    }
    return { kind: 'run', scenario, seed: Number(seed), keep }
  } catch (error) {
    return { kind: 'wrong', message: (error as Error).message }
  }
}
