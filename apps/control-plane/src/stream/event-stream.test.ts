import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localPlane } from '../../test/local-plane.ts'
import { bearer, kept, TOKENS, writeTokens } from '../../test/tokens-file.ts'

let directory: string
let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-streams-'))
  const tokensFile = join(directory, 'tokens.json')
  await writeTokens(tokensFile, [kept('short', { role: 'admin', expiresAt: Date.now() + 3_000 })])
  plane = await localPlane({ tokensFile, leaseMs: 3_000 })
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
  await rm(directory, { recursive: true })
})

/** A stream that is read until it ends. */
async function listen(path: string, token: string) {
  const stop = new AbortController()
  const response = await fetch(`${plane.url}${path}`, { headers: bearer(token), signal: stop.signal })
  const heard = { status: response.status, isOver: false, text: '' }
  const reading = (async () => {
    for await (const chunk of response.body!) heard.text += new TextDecoder().decode(chunk)
    heard.isOver = true
  })().catch(() => undefined)
  return {
    heard,
    async stop() {
      stop.abort()
      await reading
    },
  }
}

it('FAULTS 62: a stream ends with the token that opened it, and grants and tells nothing more', async () => {
  const streams = await Promise.all(
    ['short', TOKENS.admin].flatMap((token) => [
      listen('/v1/state/stream', token),
      listen('/v1/stream', token),
    ]),
  )
  try {
    expect(streams.map(({ heard }) => heard.status)).toEqual([200, 200, 200, 200])
    const [state, changes, otherState, otherChanges] = streams
    await expect.poll(() => state?.heard.isOver, { timeout: 20_000 }).toBe(true)
    const order = JSON.stringify({ reason: 'Complaints.' })
    await plane.post('/v1/experiments/home-row/abort', order, bearer(TOKENS.operator))
    await expect.poll(() => otherChanges?.heard.text, { timeout: 20_000 }).toContain('"revision":2')
    await expect.poll(() => changes?.heard.isOver, { timeout: 20_000 }).toBe(true)
    expect(changes?.heard.text).not.toContain('"revision":2')
    expect([otherState?.heard.isOver, otherChanges?.heard.isOver]).toEqual([false, false])
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()))
  }
})
