import { ExperimentError } from '@fairtrial/protocol'

/** Runs what asks the database, and tells in its place what is wrong with the database and what to do. */
export async function tellingErrors<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof ExperimentError) throw cause
    throw told(cause as Error & { readonly code?: string })
  }
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
function told(cause: Error & { readonly code?: string }): ExperimentError {
  const state = /^[0-9A-Z]{5}$/.test(cause.code ?? '') ? (cause.code ?? '') : ''
  const because = `${cause.message}${state === '' ? '' : ` (${state})`}`
  if (state === '25006') {
    return new ExperimentError(
      'io',
      `PostgreSQL stores nothing, for it is read-only: ${because}.`,
      'Connect to the primary, and see that default_transaction_read_only is off there (a full disk turns it on with ' +
        'many providers). Until then no state changes, an abort neither: stop the control planes, and clients withdraw ' +
        'every arm but control when their leases end.',
      { cause },
    )
  }
  if (state.startsWith('53')) {
    return new ExperimentError('io', `PostgreSQL is out of something: ${because}.`, 'Give it more of it.', {
      cause,
    })
  }
  if (/^(28|3D|42501)/.test(state)) {
    return new ExperimentError(
      'misconfigured',
      `PostgreSQL does not let us in: ${because}.`,
      'Look at the user, the password, the name of the database, and the rights on its schema.',
      { cause },
    )
  }
  if (state === '' || /^(08|57)/.test(state)) {
    return new ExperimentError(
      'unreachable',
      `PostgreSQL does not answer: ${because || cause.name}.`,
      'See that it runs and that the network lets us through; it is asked again.',
      { cause },
    )
  }
  return new ExperimentError('io', `PostgreSQL refused: ${because}.`, 'See its log.', { cause })
}
