// A worker thread does not inherit the loader that runs this package from its sources; what is published needs none.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
