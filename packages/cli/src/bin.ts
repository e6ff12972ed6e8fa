#!/usr/bin/env node
import { run } from './run.ts'

const args = process.argv.slice(2)
if (args[0] === 'serve') {
  // Whoever read it may be gone; the control plane is there for more than for being read.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
} else {
  // A reader that has seen enough (`| head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

process.exitCode = await run(args, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
})
