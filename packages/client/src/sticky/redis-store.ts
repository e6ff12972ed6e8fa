import { refuseLacking } from '../refusals.ts'
import type { StickyStore } from './sticky-store.ts'

/** What is needed of a client of Redis, or of whatever speaks its protocol: of ioredis `call`, of node-redis `sendCommand`. */
export type RedisShaped =
  | { call(command: string, ...parameters: string[]): Promise<unknown> }
  | { sendCommand(words: string[]): Promise<unknown> }

/**
 * Remembers in Redis, by GET and SET … NX PX alone, which Redis has had since 2.6.12. The client stays the caller's:
 * let it fail fast (node-redis `disableOfflineQueue: true`, ioredis `enableOfflineQueue: false`), so that commands do
 * not pile up in it while Redis is away.
 *
 * @throws ExperimentError `invalid-argument` for what is no such client
 */
export function redisStickyStore(redis: RedisShaped): StickyStore {
  const isCalled = typeof (redis as { call?: unknown } | undefined)?.call === 'function'
  if (!isCalled)
    refuseLacking(
      'The client of redisStickyStore',
      redis,
      ['sendCommand'],
      'Give that of ioredis or node-redis.',
    )
  // ioredis has a `sendCommand` too, of another shape.
  const send = (...words: [string, ...string[]]): Promise<unknown> =>
    'call' in redis ? redis.call(...words) : redis.sendCommand(words)
  return {
    async read(key) {
      const value = await send('GET', key)
      return typeof value === 'string' ? value : null
    },
    async write(key, value, { onlyIfAbsent, keepMs }) {
      const whether = onlyIfAbsent ? ['NX'] : []
      const answer = await send('SET', key, value, 'PX', String(Math.ceil(keepMs)), ...whether)
      return answer !== null && answer !== undefined
    },
  }
}
