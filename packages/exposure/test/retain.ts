import { segmentRetention } from '../src/segments/index.ts'

/** Lets the old segments of a directory go, and says when it is about to. */
const [directory = '', now = '', olderThanMs = ''] = process.argv.slice(2)
process.stdout.write('begins\n')
await segmentRetention(directory).run({
  olderThanMs: Number(olderThanMs),
  now: Number(now),
  by: 'a test',
  runningSince: async () => null,
})
