/**
 * The partition that Java's default partitioner gives a key, whatever the language or library that writes: murmur2 of
 * the key's bytes, without the sign, modulo the partitions.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** MurmurHash2 with Kafka's seed (org.apache.kafka.common.utils.Utils), as a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  const tail = length & ~3
  let hash = 0x9747b28c ^ length
  for (let at = 0; at < tail; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, MIX)
    word = Math.imul(word ^ (word >>> 24), MIX)
    hash = Math.imul(hash, MIX) ^ word
  }
  const rest = length - tail
  if (rest > 2) hash ^= bytes[tail + 2]! << 16
  if (rest > 1) hash ^= bytes[tail + 1]! << 8
  if (rest > 0) hash = Math.imul(hash ^ bytes[tail]!, MIX)
  hash = Math.imul(hash ^ (hash >>> 13), MIX)
  return hash ^ (hash >>> 15)
}

const MIX = 0x5bd1e995
