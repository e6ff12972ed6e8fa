import { openTrailFile } from '../src/trail/trail-file.ts'

// Appends notes to the trail of a directory until that fails, and prints how many it was told are durable.
const [directory = ''] = process.argv.slice(2)
const file = await openTrailFile(directory, () => undefined)
let appended = 0
try {
  for (; appended < 100; appended++) {
    const detail = { text: 'x'.repeat(100 + appended) }
    await file.append([{ at: 1, by: 'ada', role: 'operator', kind: 'note', experiment: null, detail }])
  }
} catch (error) {
  process.stdout.write(JSON.stringify({ appended, error: (error as Error).message }))
}
