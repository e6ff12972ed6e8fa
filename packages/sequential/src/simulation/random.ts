import { normalSf } from '@fairtrial/statistics'

/** A stream of random numbers. Each call takes the next. */
export interface RandomStream {
  /** Uniform in [0, 1), with 53 random bits. */
  readonly uniform: () => number
  /** Standard normal. */
  readonly normal: () => number
}

/** Where the lowest of 256 layers of equal area ends: beyond it lies the tail (Doornik 2005). */
const TAIL = 3.6541528853610088
const LAYERS = 256
const { widths, ratios, heights } = layersOfNormal()

/**
 * A stream that a seed makes, the same on every machine: xoshiro128** (Blackman & Vigna, ACM TOMS 47, 2021), normal
 * values by the ziggurat with one word for the layer and another one for the place in it (Doornik, An improved
 * ziggurat method to generate normal random samples, 2005). Not for secrets.
 *
 * @param seed any integer
 * @param stream different streams of one seed are independent for all purposes here: one for each worker, each arm
 */
export function createRandom(seed: number, stream = 0): RandomStream {
  for (const [name, value] of Object.entries({ seed, stream })) {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${name} is ${value}: give a whole number, as 1`)
  }
  const parts = [seed, Math.floor(seed / 2 ** 32), stream, Math.floor(stream / 2 ** 32)]
  let s0 = scramble([0, ...parts])
  let s1 = scramble([1, ...parts])
  let s2 = scramble([2, ...parts])
  let s3 = scramble([3, ...parts]) | 1 // all zeros would stay so

  /** 32 random bits, as a signed integer: V8 keeps those out of the heap. */
  function bits(): number {
    const product = Math.imul(s1, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = s1 << 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 11) | (s3 >>> 21)
    return result
  }

  function uniform(): number {
    return ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) * 2 ** -53
  }

  function normal(): number {
    for (;;) {
      const layer = bits() & (LAYERS - 1)
      const place = bits() * 2 ** -31
      // Nearly always: within the part of the layer that lies below the curve whatever the height.
      if (Math.abs(place) < ratios[layer]!) return place * widths[layer]!
      if (layer === 0) return place < 0 ? -tail() : tail()
      const value = place * widths[layer]!
      const height = heights[layer]! + (heights[layer + 1]! - heights[layer]!) * uniform()
      if (height < Math.exp(-0.5 * value * value)) return value
    }
  }

  /** A normal value beyond {@link TAIL} (Marsaglia, Technometrics 6, 1964). */
  function tail(): number {
    for (;;) {
      const beyond = -Math.log(1 - uniform()) / TAIL
      if (-2 * Math.log(1 - uniform()) >= beyond * beyond) return TAIL + beyond
    }
  }

  return { uniform, normal }
}

/** One word of whole numbers, so that seeds 1 and 2 share nothing: murmur3's finalizer, number by number. */
function scramble(numbers: readonly number[]): number {
  let word = 0
  for (const number of numbers) {
    word = (word ^ number) + 0x9e3779b9
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    word ^= word >>> 16
  }
  return word
}

/** Rectangles of one area that cover the curve exp(−x²/2), the lowest with the tail: their half widths and edges. */
function layersOfNormal() {
  const height = (x: number) => Math.exp(-0.5 * x * x)
  const area = TAIL * height(TAIL) + Math.sqrt(2 * Math.PI) * normalSf(TAIL)
  const widths = new Float64Array(LAYERS + 1)
  widths[0] = area / height(TAIL)
  widths[1] = TAIL
  for (let i = 2; i < LAYERS; i++) {
    const below = widths[i - 1]!
    widths[i] = Math.sqrt(-2 * Math.log(area / below + height(below)))
  }
  return {
    widths,
    ratios: widths.subarray(0, LAYERS).map((width, i) => widths[i + 1]! / width),
    heights: widths.map(height),
  }
}
