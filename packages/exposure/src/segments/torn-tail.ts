import type { FileHandle } from 'node:fs/promises'

const STEP = 64 * 1024
const LINE_FEED = 0x0a

/**
 * Cuts off a last line that has no line feed: what a writer was in the middle of when it died. Nobody was told
 * that it is stored, and no reader has read it.
 *
 * @returns the length of the file after that
 */
export async function cutTornTail(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  const whole = await lengthToLastLineFeed(file, size)
  if (whole < size) {
    await file.truncate(whole)
    await file.datasync()
  }
  return whole
}

async function lengthToLastLineFeed(file: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(STEP, size))
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - STEP)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    const at = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}
