import { afterAll, beforeAll, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from '../../test/local-plane.ts'

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  plane = await localPlane()
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

it('tells people that there is something to look at, once a second at most, and the last of it always', async () => {
  const stop = new AbortController()
  const response = await fetch(`${plane.url}/v1/stream`, { signal: stop.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const heard: { at: number; revision: number }[] = []
  const reading = (async () => {
    let text = ''
    for await (const chunk of response.body!) {
      text += new TextDecoder().decode(chunk)
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^event: change\ndata: (.*)$/.exec(block)?.[1]
        if (data !== undefined) heard.push(JSON.parse(data) as { at: number; revision: number })
      }
    }
  })().catch(() => undefined)

  for (let i = 0; i < 40; i++) {
    await plane.post('/v1/events', batch(eventsOf([`viewer-${i}`], `service-${i}`)), NDJSON)
    await new Promise((resolve) => void setTimeout(resolve, 60))
  }
  await plane.post('/v1/experiments/home-row/abort', JSON.stringify({ by: 'ada', reason: 'Complaints.' }))
  await expect.poll(() => heard.at(-1)?.revision, { timeout: 20_000 }).toBe(2)
  expect(heard.length).toBeGreaterThan(1)
  expect(heard.length).toBeLessThan(20)
  stop.abort()
  await reading
})
