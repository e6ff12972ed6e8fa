import { ExperimentError } from '@fairtrial/protocol/error'
import type { Sink } from './sink.ts'

/** @throws ExperimentError `invalid-argument` where it is no share: more than all of it would be taken for all */
export function refuseNoShare(option: string, share: unknown): void {
  if (typeof share === 'number' && share >= 0 && share <= 1) return
  refuse(option, String(share), 'Give a share from 0 to 1, e.g. 0.1 for a tenth.')
}

/** @throws ExperimentError `invalid-argument` for what is none of the words */
export function refuseOther(option: string, word: unknown, words: readonly string[]): void {
  if (words.includes(word as string)) return
  refuse(option, JSON.stringify(word), `Give ${words.join(' or ')}.`)
}

/** @throws ExperimentError `invalid-argument` where there is no text, and for an empty one */
export function refuseNoText(option: string, text: unknown, remedy: string): void {
  if (typeof text === 'string' && text !== '') return
  refuse(option, JSON.stringify(text), remedy)
}

/** @throws ExperimentError `invalid-argument` where something is given that cannot be called */
export function refuseNoFunction(option: string, given: unknown): void {
  if (given === undefined || typeof given === 'function') return
  refuse(option, JSON.stringify(given), 'Give a function, or leave it out.')
}

/** Says what an option is, and what to give instead. */
export function refuse(option: string, value: string | undefined, remedy: string): never {
  throw new ExperimentError('invalid-argument', `${option} is ${value}.`, remedy)
}

/** @throws ExperimentError `invalid-argument` for a sink that would fail at every delivery */
export function refuseNoSink(whose: string, sink: Partial<Sink> | undefined): void {
  if (typeof sink?.deliver === 'function' && typeof sink.close === 'function') return
  throw new ExperimentError(
    'invalid-argument',
    `${whose} has no sink: \`sink\` lacks the functions deliver and close.`,
    'Give segmentSink(…), httpSink(…), memorySink() or a sink of your own.',
  )
}
