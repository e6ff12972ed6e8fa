import { ExperimentError } from '@fairtrial/protocol/error'
import { hashUtf8 } from './hash.ts'

/**
 * What a hash decides. Each purpose has a seed of its own, so that no decision foretells another:
 * a ramp adds units and moves none, and the arms of two trials are independent.
 */
export type Purpose = 'holdout' | 'layer' | 'traffic' | 'variant'

/**
 * Seed of a purpose: the upper 31 bits of the hash of `purpose NUL salt` with seed 0 (32 would not be a small
 * integer to an engine, and cost a box on the heap in every assignment). The salt is the holdout's name, the
 * layer's name, or for traffic and variant the experiment's salt. No purpose holds a NUL, so that no two
 * pairs join to the same text.
 */
export function seedOf(purpose: Purpose, salt: string): number {
  return hashUtf8(`${purpose}\0${salt}`) >>> 1
}

/** A seed and whose it is, as messages tell it. */
export interface OwnedSeed {
  readonly seed: number
  readonly owner: string
}

export function ownedSeed(purpose: Purpose, salt: string, name = salt): OwnedSeed {
  return { seed: seedOf(purpose, salt), owner: `the ${purpose} of ${JSON.stringify(name)}` }
}

/**
 * Refuses seeds that are equal though their owners differ: units would be split the same way twice.
 * A layer or a holdout that several experiments name is one owner.
 */
export function refuseSharedSeeds(seeds: Iterable<OwnedSeed>): void {
  const owners = new Map<number, string>()
  for (const { seed, owner } of seeds) {
    const other = owners.get(seed) ?? owner
    if (other !== owner) {
      throw new ExperimentError(
        'invalid-definition',
        `${other} and ${owner} hash with the same seed, ${seed}, so that one would decide the other.`,
        'Give one of them another salt (a layer or a holdout: another name).',
      )
    }
    owners.set(seed, owner)
  }
}

/**
 * Refuses experiments whose seeds are equal, above all two of the same salt. A layer or holdout in common shares its
 * seed rightly. Throws `invalid-definition`.
 */
export function refuseEqualSeeds(experiments: Iterable<{ readonly seeds: readonly OwnedSeed[] }>): void {
  refuseSharedSeeds([...experiments].flatMap(({ seeds }) => seeds))
}
