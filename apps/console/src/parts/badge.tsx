import type { Tone } from '../words/rollout-words.ts'

/** One sign for each tone, so that none is told by colour alone. */
const SIGNS: Readonly<Record<Tone, string>> = {
  going: 'M5 3.2v9.6l8-4.8z',
  waiting: 'M4.4 3h2.6v10H4.4zM9 3h2.6v10H9z',
  caution: 'M8 2.2l6.4 11.4H1.6zM7.2 6.2V10h1.6V6.2zM7.2 11v1.5h1.6V11z',
  good: 'M2.6 8.6l1.5-1.5 2.6 2.6 5.4-5.7 1.5 1.4-6.9 7.3z',
  harm: 'M3.4 4.8l1.4-1.4L8 6.6l3.2-3.2 1.4 1.4L9.4 8l3.2 3.2-1.4 1.4L8 9.4l-3.2 3.2-1.4-1.4L6.6 8z',
  watched: 'M8 2.4a5.6 5.6 0 1 1 0 11.2A5.6 5.6 0 0 1 8 2.4m0 1.8v4.2l2.8 1.7.8-1.3-2-1.2V4.2z',
  over: 'M3.6 3.6h8.8v8.8H3.6z',
  unknown: 'M3 7h10v2H3z',
}

/** A word with its sign and its colour. */
export function Badge({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className={`badge tone-${tone}`}>
      <Sign tone={tone} />
      {word}
    </span>
  )
}

/** The sign alone, beside words that say the same. */
export function Sign({ tone }: { readonly tone: Tone }) {
  return (
    <svg className={`sign tone-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SIGNS[tone]} />
    </svg>
  )
}
