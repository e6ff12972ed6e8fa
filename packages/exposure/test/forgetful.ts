// A process that records and ends without `close`, as a function of a cloud that is frozen does. Prints the account.
import { createRecorder, memorySink } from '../src/index.ts'
import { fileSpool } from '../src/spool/index.ts'
import { sampleArm } from '../src/testing/index.ts'

const [directory = '', flushes] = process.argv.slice(2)
const recorder = createRecorder({
  sink: memorySink(),
  ...(directory !== '' && { spool: fileSpool({ directory }) }),
  batch: { lingerMs: 3_600_000 },
})
recorder.expose(sampleArm())
if (flushes === 'flush') await recorder.flush()
console.log(JSON.stringify(recorder.account()))
