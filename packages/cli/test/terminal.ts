import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { run } from '../src/index.ts'

/** When the tests run. */
export const NOW = Date.UTC(2026, 0, 31)

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What stands on stdout, read as one JSON document, by someone who knows no types. */
  readonly document: any
}

/** Runs the command by its public entry, in this process. */
export async function fairtrial(
  args: readonly string[],
  stdin: string | Uint8Array = '',
  now: () => number = () => NOW,
): Promise<Outcome> {
  const stdout = collect()
  const stderr = collect()
  const code = await run(args, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    now,
  })
  return {
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    get document() {
      return JSON.parse(stdout.text()) as unknown
    },
  }
}

function collect() {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') }
}

/** A folder for one test, with these files in it. */
export function folderWith(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'fairtrial-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), content)
  }
  return path
}
