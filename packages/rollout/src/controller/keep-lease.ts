import type { LeaderLease } from './leader-lease.ts'

/** A lease that is being kept. */
export interface KeptLease {
  /** Ends the keeping and gives the lease up. */
  stop(): Promise<void>
}

/**
 * Acquires the lease as soon as it can be had, and renews it from then on. It never throws: a lease that cannot be asked
 * for is asked for again.
 *
 * @param options.everyMs a third of what the lease lasts leaves room for one renewal that fails
 * @param options.isFit whether whoever keeps it can act by it; while they cannot, it is given up and not asked for, so that
 *   another may. Default: always
 * @param options.onChange told when the lease is gained or lost, or when asking for it fails or succeeds again
 */
export async function keepLease(
  lease: LeaderLease,
  options: {
    readonly everyMs: number
    readonly isFit?: () => boolean
    readonly onChange?: (token: number | null, error: Error | null) => void
  },
): Promise<KeptLease> {
  const { everyMs, isFit = () => true, onChange } = options
  let told = 'null '
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let turn: Promise<void>

  async function keep(): Promise<void> {
    let error: Error | null = null
    try {
      if (!isFit()) await lease.release()
      else if (lease.current() === null || !(await lease.renew())) await lease.acquire()
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause))
    }
    if (isOver) return
    const token = lease.current()
    const news = `${token} ${error?.message ?? ''}`
    if (news !== told) onChange?.(token, error)
    told = news
    timer = setTimeout(() => {
      turn = keep()
    }, everyMs)
  }

  turn = keep()
  await turn
  return {
    async stop() {
      isOver = true
      if (timer !== null) clearTimeout(timer)
      await turn
      // One that cannot be given up lapses.
      await lease.release().catch(() => undefined)
    },
  }
}
