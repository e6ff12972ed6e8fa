import type { Slate, SlateItem } from '@fairtrial/protocol'
import type { LeftOutReason } from './left-out.ts'

/** How much of the slates is logged. */
export interface SlateLimits {
  /** As JSON in UTF-8; a larger slate is left out, and its exposure kept. Default 32,000. */
  readonly maximumBytes: number
  /**
   * Share of exposures, 0 to 1, whose slate is logged, with 1 over the share as its weight. Default 1. Drawn by the
   * exposure id, so that it can be told again: its first five characters as digits to base 64, over 64⁵, are below it.
   */
  readonly sampleRate: number
}

/** The shortest item: `{"itemId":"x","position":0},` */
const SHORTEST_ITEM = 28

/** The slate as JSON, and of what it was given only what a slate has; or why it is to be left out. */
export function slateText(
  slate: Slate,
  { maximumBytes, sampleRate }: SlateLimits,
): { readonly text: string } | { readonly leftOut: LeftOutReason } {
  if (!isSlate(slate)) return { leftOut: 'slate-invalid' }
  if (slate.items.length * SHORTEST_ITEM > maximumBytes) return { leftOut: 'slate-too-large' }
  const { slateId, items, weight } = slate
  const text = JSON.stringify({
    slateId,
    items: items.map(({ itemId, position, score, propensity }) => ({ itemId, position, score, propensity })),
    weight: sampleRate < 1 ? (weight ?? 1) / sampleRate : weight,
  })
  return 3 * text.length <= maximumBytes || encoder.encode(text).length <= maximumBytes
    ? { text }
    : { leftOut: 'slate-too-large' }
}

const encoder = new TextEncoder()

function isSlate(slate: Slate | null): boolean {
  if (typeof slate !== 'object' || slate === null) return false
  const { slateId, items, weight } = slate
  if (weight !== undefined && !(Number.isFinite(weight) && weight >= 1)) return false
  return typeof slateId === 'string' && slateId !== '' && Array.isArray(items) && items.every(isItem)
}

function isItem(item: SlateItem | null): boolean {
  if (typeof item !== 'object' || item === null) return false
  const { itemId, position, score, propensity } = item
  if (typeof itemId !== 'string' || itemId === '') return false
  if (!Number.isSafeInteger(position) || position < 0) return false
  if (score !== undefined && !Number.isFinite(score)) return false
  return propensity === undefined || (Number.isFinite(propensity) && propensity > 0 && propensity <= 1)
}
