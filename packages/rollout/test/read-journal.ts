// Reads the journal of a directory with few file handles, and the state meanwhile: prints how many transitions there are.
import { fileStateStore } from '../src/controller/file-state-store.ts'

const [directory = ''] = process.argv.slice(2)
const store = fileStateStore({ directory })
const [transitions, state] = await Promise.all([store.transitions('ranking'), store.read('ranking')])
process.stdout.write(JSON.stringify({ transitions: transitions.length, revision: state?.revision }))
