import { createRandom, evaluate } from '@fairtrial/sequential'
import { isHeld, type Measurement, type Row } from './row.ts'

/** How rows are measured. */
export interface MeasureOptions {
  /** 1 by default. */
  readonly seed?: number
  /** Fewer trials and so wider bands, for CI. */
  readonly isShort?: boolean
  /** Stands in for production's: to see that the table tells when it is broken. */
  readonly evaluate?: typeof evaluate
}

/** Measures one row. The same seed, the same numbers, whatever other rows run, and wherever. */
export async function measure(row: Row, options: MeasureOptions = {}): Promise<Measurement> {
  const { name, draws = name, subject, claim, source } = row
  const trials = row.trials?.[options.isShort ? 'short' : 'full'] ?? 0
  const seed = seedOf(`${options.seed ?? 1}/${draws}`)
  const random = createRandom(seed, 1)
  const outcome = await row.run({ trials, seed, random, evaluate: options.evaluate ?? evaluate })
  return { name, ...(subject && { subject }), claim, source, trials, ...outcome, isHeld: isHeld(outcome) }
}

/** A whole number of a text (FNV-1a). */
function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return hash
}
