import { expect, it } from 'vitest'
import { fileMemory, fileSource, fileStickyStore } from './file/index.ts'
import { httpReporter, httpSource, sseSource } from './http/index.ts'
import { createSticky, memoryStickyStore, redisStickyStore } from './sticky/index.ts'

const url = 'http://127.0.0.1:4600'

it.each<[string, () => unknown, RegExp]>([
  ['a source without a file', () => fileSource({} as never), /fileSource\.path is undefined\. Give the file/],
  ['a source of an empty name', () => fileSource({ path: '' }), /fileSource\.path is ""/],
  ['a poll without a rest', () => fileSource({ path: 'state.json', pollMs: 0 }), /fileSource\.pollMs is 0/],
  ['a poll of no number', () => httpSource({ url, pollMs: Number.NaN }), /httpSource\.pollMs is NaN/],
  ['a timeout of nothing', () => httpSource({ url, timeoutMs: 0 }), /httpSource\.timeoutMs is 0/],
  ['no backoff', () => httpSource({ url, maximumBackoffMs: -1 }), /httpSource\.maximumBackoffMs is -1/],
  ['a fetch that is none', () => httpSource({ url, fetch: 'node' as never }), /httpSource\.fetch is "node"/],
  [
    'a host for an address',
    () => httpSource({ url: 'localhost:4600' }),
    /"localhost:4600" is not an address/,
  ],
  ['a stream without time', () => sseSource({ url, timeoutMs: 0 }), /sseSource\.timeoutMs is 0/],
  ['a stream of no number', () => sseSource({ url, pollMs: Number.NaN }), /sseSource\.pollMs is NaN/],
  ['a report without time', () => httpReporter({ url, timeoutMs: 0 }), /httpReporter\.timeoutMs is 0/],
  ['a report to no address', () => httpReporter({ url: 'localhost:4600' }), /is not an address/],
  ['a memory without a file', () => fileMemory(''), /fileMemory is ""\. Give a file/],
  [
    'a store without a directory',
    () => fileStickyStore({} as never),
    /fileStickyStore\.directory is undefined/,
  ],
  ['a store that keeps nothing', () => memoryStickyStore({ capacity: 0 }), /capacity is 0/],
  [
    'a store over no Redis',
    () => redisStickyStore(undefined as never),
    /redisStickyStore lacks .* sendCommand/,
  ],
  ['a store over an address', () => redisStickyStore('redis://127.0.0.1' as never), /lacks .* sendCommand/],
  [
    'arms that stick of no client',
    () => createSticky({ store: memoryStickyStore() } as never),
    /client lacks .* assign and preview/,
  ],
])('refuses %s where it is made, not where it would be used', (_, make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) as string }),
  )
})
