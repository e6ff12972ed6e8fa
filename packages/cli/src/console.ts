import type { Readable } from 'node:stream'
import { printableLines } from './text/printable.ts'

/** The terminal that a command talks to; an argument, so that tests can hold it. */
export interface Console {
  readonly stdin: Readable
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Writes a command's answer: one JSON document, or text for people, in which nothing from data moves the cursor. */
export function answer(
  console: Console,
  options: { json?: boolean },
  document: object,
  text: () => string,
): void {
  const body = options.json ? JSON.stringify(document, null, 2) : printableLines(text().trimEnd())
  console.stdout.write(`${body}\n`)
  answered.add(console)
}

/** Whether a command has answered: what goes wrong after it is no second answer. */
export function hasAnswered(console: Console): boolean {
  return answered.has(console)
}

const answered = new WeakSet<Console>()

/**
 * Writes lines and waits while the reader is behind, so that a stream of any length stays in bounded memory.
 */
export async function writeLines(stream: NodeJS.WritableStream, lines: readonly string[]): Promise<void> {
  if (stream.write(lines.map((line) => `${line}\n`).join(''))) return
  await new Promise<void>((resolve) => stream.once('drain', resolve))
}
