import { hashUtf8 } from '@fairtrial/assignment'
import { type Console, writeLines } from '../console.ts'
import { readLines } from '../lines.ts'

/** `fairtrial hash --seed N -`: a string a line in, its unsigned 32-bit hash a line out. */
export async function hash(console: Console, seed: number): Promise<void> {
  for await (const lines of readLines(console.stdin)) {
    await writeLines(
      console.stdout,
      lines.map((line) => String(hashUtf8(line, seed))),
    )
  }
}
