import type { SealedDimension, SegmentSummary } from '@fairtrial/protocol'
import type { TableUnit } from './row-reader.ts'

/** All segments that are not told by themselves. */
const OTHER = 'other'
/** Units without a value. */
const NONE = '(none)'

/** Names that go to `other` too: its own, and one that JSON's readers drop. */
const UNTELLABLE: readonly string[] = [OTHER, '__proto__']

/** A dimension's segments by name. */
export type Segments = { readonly [segment: string]: SegmentSummary }

/**
 * Parts units along a dimension: the largest segments, as many as it allows, and all others together as `other`. Units
 * without a value are a segment, `(none)`.
 *
 * @param index of the dimension
 */
export function segmentsOf(
  units: readonly TableUnit[],
  index: number,
  { maximumSegments }: SealedDimension,
  summarize: (units: readonly TableUnit[]) => SegmentSummary,
): Segments {
  const members = new Map<string, TableUnit[]>()
  for (const unit of units) {
    const name = unit.segments[index]!.trim() === '' ? NONE : unit.segments[index]!
    const segment = members.get(name)
    if (segment === undefined) members.set(name, [unit])
    else segment.push(unit)
  }
  const sizeOf = (rows: readonly TableUnit[]) => rows.reduce((sum, row) => sum + row.units, 0)
  const largest = [...members]
    .filter(([name]) => !UNTELLABLE.includes(name))
    .map(([name, rows]) => ({ name, rows, size: sizeOf(rows) }))
    .toSorted(bySize)
  const told = largest.slice(0, maximumSegments).map(({ name, rows }) => [name, summarize(rows)] as const)
  const rest = [
    ...largest.slice(maximumSegments).flatMap(({ rows }) => rows),
    ...UNTELLABLE.flatMap((name) => members.get(name) ?? []),
  ]
  return Object.fromEntries(rest.length === 0 ? told : [...told, [OTHER, summarize(rest)]])
}

/**
 * The segments of two disjoint sets of units taken together. A segment that only one of them tells by itself is in the
 * other's `other`, if it is there at all: with more segments than are told, take the segments from one table.
 */
export function mergeSegments(
  a: Segments,
  b: Segments,
  merge: (a: SegmentSummary, b: SegmentSummary) => SegmentSummary,
): Segments {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const merged = names.map((name) => {
    const [x, y] = [a, b].map((segments) => (Object.hasOwn(segments, name) ? segments[name] : undefined))
    const segment = x && y ? merge(x, y) : (x ?? y)!
    return { name, segment, size: Object.values(segment.units).reduce((sum, n) => sum + n, 0) }
  })
  const isOther = ({ name }: { readonly name: string }) => name === OTHER
  const told = merged.filter((each) => !isOther(each)).toSorted(bySize)
  return Object.fromEntries([...told, ...merged.filter(isOther)].map(({ name, segment }) => [name, segment]))
}

interface Sized {
  readonly name: string
  readonly size: number
}

function bySize(a: Sized, b: Sized): number {
  return b.size - a.size || (a.name < b.name ? -1 : 1)
}
