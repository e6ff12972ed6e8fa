/**
 * A viewer's own stream of uniform draws: what a viewer does depends on who they are and on the seed,
 * never on the order in which requests arrive. (mulberry32 over a hash of both.)
 */
export function drawsOf(seed: number, viewerId: string): () => number {
  let state = seed >>> 0
  for (let i = 0; i < viewerId.length; i++) state = Math.imul(state ^ viewerId.charCodeAt(i), 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
