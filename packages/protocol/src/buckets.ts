/** Number of buckets of every purpose: the finest share that can be told apart is one in a million. */
export const BUCKETS = 1_000_000
