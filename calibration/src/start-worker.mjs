// A worker thread does not inherit the loader that runs TypeScript sources.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
