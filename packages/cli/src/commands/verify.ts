import { answer, type Console } from '../console.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { readLock } from '../lock/lock-file.ts'
import { verifyLock } from '../lock/verify-lock.ts'
import { verificationText } from '../text/verification-text.ts'

/** `fairtrial verify`: makes the analysis of a lock again, and tells whether it is the same, byte for byte. */
export async function verify(
  console: Console,
  path: string,
  options: { readonly json?: boolean; readonly kafka?: readonly string[] },
): Promise<ExitCode> {
  const verification = await verifyLock(path, await readLock(path), options.kafka)
  answer(console, options, verification, () => verificationText(path, verification))
  return verification.verified ? exitCodes.ok : exitCodes.dataQuality
}
